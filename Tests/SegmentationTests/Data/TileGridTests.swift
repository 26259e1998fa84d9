import SeededRandom
import Segmentation
import Testing

@Suite struct TileGridTests {
  private let grid = TileGrid(gridShape: [6, 5, 4], inputShape: [6, 6, 6], outputShape: [2, 2, 2])
  private let image = (0..<120).map(Float.init)

  private func value(_ d: Int, _ h: Int, _ w: Int) -> Float { image[(d * 5 + h) * 4 + w] }

  @Test func oneTileWithoutMarginIsTheWholeGrid() {
    let whole = TileGrid(gridShape: [6, 5, 4], inputShape: [6, 5, 4], outputShape: [6, 5, 4])
    #expect(whole.isWholeGrid && whole.origins == [[0, 0, 0]])
    #expect(whole.input(image, channelCount: 1, origin: [0, 0, 0]) == image)
  }

  @Test func tilesCoverTheGrid() {
    #expect(grid.origins.count == 3 * 3 * 2)
    var covered = [Float](repeating: 0, count: 120)
    for origin in grid.origins {
      grid.write([Float](repeating: 1, count: 8)[...], classCount: 1, origin: origin, into: &covered)
    }
    #expect(covered.allSatisfy { $0 == 1 })
  }

  @Test func marginsAreMirroredWithoutRepeatingTheEdge() {
    let tile = grid.input(image, channelCount: 1, origin: [0, 0, 0])
    #expect(tile.count == 216)
    // Input voxel (2, 2, 2) lies at grid voxel (0, 0, 0); (1, 2, 2) mirrors to (1, 0, 0), (0, 2, 2) to (2, 0, 0).
    #expect(tile[(2 * 6 + 2) * 6 + 2] == value(0, 0, 0))
    #expect(tile[(1 * 6 + 2) * 6 + 2] == value(1, 0, 0))
    #expect(tile[(0 * 6 + 2) * 6 + 2] == value(2, 0, 0))
    #expect(tile[(2 * 6 + 2) * 6 + 5] == value(0, 0, 3))
    let last = grid.input(image, channelCount: 1, origin: [4, 3, 2])
    #expect(last[(4 * 6 + 2) * 6 + 2] == value(4, 3, 2))  // Grid voxel 6 mirrors to 4.
  }

  @Test func labelsLieUnderTheOutput() {
    let labels = (0..<120).map { UInt8($0) }
    let tile = grid.labels(labels, origin: [2, 1, 1])
    #expect(tile == [2, 3].flatMap { d in [1, 2].flatMap { h in [1, 2].map { UInt8(value(d, h, $0)) } } })
  }

  @Test func outputsGoWhereTheyBelong() {
    var result = [Float](repeating: 0, count: 240)
    grid.write((0..<16).map(Float.init)[...], classCount: 2, origin: [1, 2, 0], into: &result)
    #expect(result[((1 * 5 + 2) * 4 + 0) * 2 + 1] == 1)
    #expect(result[((2 * 5 + 3) * 4 + 1) * 2] == 14)
  }

  @Test func randomOriginsStayInside() {
    var generator = SplitMix64(seed: 1)
    let origins = (0..<500).map { _ in grid.randomOrigin(using: &generator) }
    #expect(origins.allSatisfy { zip($0, [4, 3, 2]).allSatisfy { (0...$1).contains($0) } })
    #expect(Set(origins).count == 5 * 4 * 3)
  }
}
