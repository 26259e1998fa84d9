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
    var covered = Set<[Int]>()
    for origin in grid.origins {
      for offset in 0..<8 {
        covered.insert([origin[0] + offset / 4, origin[1] + offset / 2 % 2, origin[2] + offset % 2])
      }
    }
    #expect(covered.count == 120)
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

  @Test func randomOriginsStayInside() {
    var generator = SplitMix64(seed: 1)
    let origins = (0..<500).map { _ in grid.randomOrigin(using: &generator) }
    #expect(origins.allSatisfy { zip($0, [4, 3, 2]).allSatisfy { (0...$1).contains($0) } })
    #expect(Set(origins).count == 5 * 4 * 3)
  }
}
