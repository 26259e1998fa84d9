/// The tiles of the one grid of all scans; where two overlap, the later one's probabilities stay. At most a tile's depth of
/// planes is in memory.
package struct TilePlanes: ScanCover {
  private let tiles: TileGrid
  private let classCount: Int
  /// The first plane that was not taken out.
  private var first = 0
  /// From that plane on, `[H, W, classes]`.
  private var planes: [[Float]] = []

  package init(_ tiles: TileGrid, classCount: Int) {
    self.tiles = tiles
    self.classCount = classCount
  }

  package var inputShape: [Int] { tiles.inputShape }
  package var origins: [[Int]] { tiles.origins }
  package var planeCount: Int { planes.count }

  package func input(of image: PreparedImage, at origin: [Int]) -> [Float] {
    tiles.input(image.elements, channelCount: image.channelCount, origin: origin)
  }

  package mutating func add(_ probabilities: [Float], at origin: [Int]) {
    let (grid, tile) = (tiles.gridShape, tiles.outputShape)
    while first + planes.count < origin[0] + tile[0] {
      planes.append([Float](repeating: 0, count: grid[1] * grid[2] * classCount))
    }
    let rowCount = tile[2] * classCount
    for d in 0..<tile[0] {
      for h in 0..<tile[1] {
        let source = (d * tile[1] + h) * rowCount
        let target = ((origin[1] + h) * grid[2] + origin[2]) * classCount
        planes[origin[0] + d - first].replaceSubrange(
          target..<target + rowCount, with: probabilities[source..<source + rowCount])
      }
    }
  }

  package mutating func nextPlane(before end: Int) -> [Float]? {
    guard first < end, !planes.isEmpty else { return nil }
    first += 1
    return planes.removeFirst()
  }
}
