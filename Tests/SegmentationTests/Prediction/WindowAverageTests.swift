import Segmentation
import Testing

@Suite struct WindowAverageTests {
  /// Two windows of 4 voxels overlap in voxels 2 and 3. Their weights are exp(-4.5), exp(-0.5), exp(-0.5) and
  /// exp(-4.5), so that the nearer one has 1 / (1 + exp(-4)) of the mean.
  @Test func theNearerWindowHasTheLargerPart() {
    let grid = WindowGrid(extents: [6, 1, 1], window: [4, 1, 1])
    #expect(grid.origins == [[0, 0, 0], [2, 0, 0]])
    var average = WindowAverage(extents: [6, 1, 1], window: [4, 1, 1], classCount: 2)
    average.add([1, 0, 1, 0, 1, 0, 1, 0], at: [0, 0, 0])
    average.add([0, 1, 0, 1, 0, 1, 0, 1], at: [2, 0, 0])
    var planes: [[Float]] = []
    while let plane = average.nextPlane(before: .max) { planes.append(plane) }
    #expect(planes.count == 6)
    let wanted: [Float] = [1, 1, 0.982_013_8, 0.017_986_2, 0, 0]
    for (plane, wanted) in zip(planes, wanted) {
      #expect(abs(plane[0] - wanted) < 1e-6)
      #expect(abs(plane[1] - (1 - wanted)) < 1e-6)
    }
  }

  /// Plane after plane, as windows are done with them: every one comes once, the weights cancel out, and never more than a
  /// window's depth of them is in memory.
  @Test(arguments: [[8, 8, 8], [20, 13, 9], [17, 5, 8]])
  func windowsOfAConstantGiveTheConstant(_ extents: [Int]) {
    let constant: [Float] = [0.125, 0.25, 0.625]
    var average = WindowAverage(extents: extents, window: [8, 8, 8], classCount: 3)
    let window = (0..<8 * 8 * 8).flatMap { _ in constant }
    var count = 0
    func take(_ end: Int) {
      while let plane = average.nextPlane(before: end) {
        count += 1
        #expect(plane.count == extents[1] * extents[2] * 3)
        let differences = plane.enumerated().map { abs($1 - constant[$0 % 3]) }
        #expect(differences.max()! < 1e-6)
      }
    }
    for origin in average.origins {
      take(origin[0])
      average.add(window, at: origin)
      #expect(average.planeCount <= 8)
    }
    take(.max)
    #expect(count == extents[0])
  }

  /// Zeros lie behind the scan where the window reaches beyond it.
  @Test func windowsAreCutOutOfTheScan() {
    let average = WindowAverage(extents: [2, 1, 3], window: [2, 2, 2], classCount: 1)
    let image = PreparedImage(extents: [2, 1, 3], elements: (1...12).map(Float.init))
    #expect(average.origins == [[0, 0, 0], [0, 0, 1]])
    #expect(
      average.input(of: image, at: [0, 0, 1]) == [3, 4, 5, 6, 0, 0, 0, 0, 9, 10, 11, 12, 0, 0, 0, 0])
  }
}
