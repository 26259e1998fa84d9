import Segmentation
import Testing

@Suite struct TilePlanesTests {
  private let tiles = TileGrid(gridShape: [5, 5, 4], inputShape: [6, 6, 6], outputShape: [2, 2, 2])

  /// Every plane comes once and is covered; never more than a tile's depth of them is in memory.
  @Test func tilesBecomePlanes() {
    var planes = TilePlanes(tiles, classCount: 2)
    var found: [[Float]] = []
    func take(before end: Int) { while let plane = planes.nextPlane(before: end) { found.append(plane) } }
    for (index, origin) in tiles.origins.enumerated() {
      take(before: origin[0])
      planes.add([Float](repeating: Float(index + 1), count: 16), at: origin)
      #expect(planes.planeCount <= 2)
    }
    take(before: .max)
    #expect(found.count == 5)
    #expect(found.allSatisfy { $0.count == 5 * 4 * 2 && $0.allSatisfy { $0 > 0 } })
  }

  @Test func probabilitiesGoWhereTheyBelongAndTheLaterTileStays() throws {
    var planes = TilePlanes(tiles, classCount: 2)
    planes.add([Float](repeating: -1, count: 16), at: [0, 1, 0])
    planes.add((0..<16).map(Float.init), at: [0, 2, 0])
    var found: [[Float]] = []
    while let plane = planes.nextPlane(before: 2) { found.append(plane) }
    try #require(found.count == 2)
    let (first, second) = (found[0], found[1])
    #expect(first[(1 * 4 + 0) * 2] == -1 && first[(2 * 4 + 0) * 2 + 1] == 1)
    #expect(second[(3 * 4 + 1) * 2] == 14 && second[0] == 0)
  }
}
