/// The weighted mean of overlapping windows' probabilities, of those planes across D that are not complete yet.
package struct WindowAverage {
  /// A complete plane.
  package struct Plane {
    package let index: Int
    /// `[H, W, classes]`.
    package let probabilities: [Float]
  }

  private let grid: WindowGrid
  private let extents: [Int]
  private let classCount: Int
  /// The first plane that is not complete.
  private var first = 0
  /// From that plane on: sums `[H, W, classes]` and weights `[H, W]`.
  private var sums: [[Float]] = []
  private var weights: [[Float]] = []

  package init(_ grid: WindowGrid, extents: [Int], classCount: Int) {
    self.grid = grid
    self.extents = extents
    self.classCount = classCount
  }

  /// Adds the probabilities `[D, H, W, classes]` of the window at an origin.
  package mutating func add(_ probabilities: [Float], at origin: [Int]) {
    let area = extents[1] * extents[2]
    while first + sums.count < origin[0] + grid.window[0] {
      sums.append([Float](repeating: 0, count: area * classCount))
      weights.append([Float](repeating: 0, count: area))
    }
    var source = 0
    for d in 0..<grid.window[0] {
      let plane = origin[0] + d - first
      for h in 0..<grid.window[1] {
        let rowWeight = grid.weights[0][d] * grid.weights[1][h]
        let row = (origin[1] + h) * extents[2] + origin[2]
        for w in 0..<grid.window[2] {
          let weight = rowWeight * grid.weights[2][w]
          weights[plane][row + w] += weight
          for label in 0..<classCount {
            sums[plane][(row + w) * classCount + label] += weight * probabilities[source + label]
          }
          source += classCount
        }
      }
    }
  }

  /// Removes and returns the planes before one that every window to come begins at or behind.
  package mutating func planes(upTo end: Int) -> [Plane] {
    guard end > first else { return [] }
    let count = end - first
    let planes = (0..<count).map { index in
      Plane(
        index: first + index,
        probabilities: sums[index].indices.map { sums[index][$0] / weights[index][$0 / classCount] })
    }
    sums.removeFirst(count)
    weights.removeFirst(count)
    first = end
    return planes
  }
}
