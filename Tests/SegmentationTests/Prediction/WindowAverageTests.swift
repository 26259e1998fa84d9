import Segmentation
import Testing

@Suite struct WindowAverageTests {
  /// Two windows of 4 voxels overlap in voxels 2 and 3. Their weights are exp(-4.5), exp(-0.5), exp(-0.5) and
  /// exp(-4.5), so that the nearer one has 1 / (1 + exp(-4)) of the mean.
  @Test func theNearerWindowHasTheLargerPart() {
    let grid = WindowGrid(extents: [6, 1, 1], window: [4, 1, 1])
    #expect(grid.origins == [[0, 0, 0], [2, 0, 0]])
    var average = WindowAverage(grid, extents: [6, 1, 1], classCount: 2)
    average.add([1, 0, 1, 0, 1, 0, 1, 0], at: [0, 0, 0])
    average.add([0, 1, 0, 1, 0, 1, 0, 1], at: [2, 0, 0])
    let planes = average.planes(upTo: 6)
    #expect(planes.map(\.index) == Array(0..<6))
    let wanted: [Float] = [1, 1, 0.982_013_8, 0.017_986_2, 0, 0]
    for (plane, wanted) in zip(planes, wanted) {
      #expect(abs(plane.probabilities[0] - wanted) < 1e-6)
      #expect(abs(plane.probabilities[1] - (1 - wanted)) < 1e-6)
    }
  }

  /// Plane after plane, as windows are done with them: every one comes once, and the weights cancel out.
  @Test(arguments: [[8, 8, 8], [20, 13, 9]])
  func windowsOfAConstantGiveTheConstant(_ extents: [Int]) {
    let constant: [Float] = [0.125, 0.25, 0.625]
    let grid = WindowGrid(extents: extents, window: [8, 8, 8])
    var average = WindowAverage(grid, extents: extents, classCount: 3)
    let window = (0..<8 * 8 * 8).flatMap { _ in constant }
    var indices: [Int] = []
    func take(_ end: Int) {
      for plane in average.planes(upTo: end) {
        indices.append(plane.index)
        #expect(plane.probabilities.count == extents[1] * extents[2] * 3)
        let differences = plane.probabilities.enumerated().map { abs($1 - constant[$0 % 3]) }
        #expect(differences.max()! < 1e-6)
      }
    }
    for origin in grid.origins {
      take(origin[0])
      average.add(window, at: origin)
    }
    take(extents[0])
    #expect(indices == Array(0..<extents[0]))
  }
}
