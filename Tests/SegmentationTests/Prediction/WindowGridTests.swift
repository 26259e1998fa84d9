import Segmentation
import Testing

@Suite struct WindowGridTests {
  @Test(arguments: [[32, 48, 32], [33, 48, 95], [64, 120, 47]])
  func windowsCoverEveryVoxelAndOverlapByHalf(_ extents: [Int]) {
    let window = [32, 48, 32]
    let grid = WindowGrid(extents: extents, window: window)
    for axis in 0..<3 {
      let starts = Set(grid.origins.map { $0[axis] }).sorted()
      #expect(starts.first == 0 && starts.last == extents[axis] - window[axis])
      for (a, b) in zip(starts, starts.dropFirst()) { #expect(b - a <= window[axis] / 2) }
    }
  }

  @Test func aScanOfTheWindowsSizeIsOneWindow() {
    let grid = WindowGrid(extents: [8, 8, 8], window: [8, 8, 8])
    #expect(grid.origins == [[0, 0, 0]])
    #expect(grid.weights.allSatisfy { $0 == Array(repeating: 1, count: 8) })
  }

  @Test func weightsAreSymmetricPositiveAndLargestInTheMiddle() {
    for weights in WindowGrid(extents: [33, 8, 3], window: [32, 7, 1]).weights {
      #expect(weights == weights.reversed())
      #expect(weights.allSatisfy { $0 > 0 })
      #expect(weights.max() == weights[weights.count / 2])
    }
  }
}
