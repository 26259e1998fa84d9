/// Overlapping windows, whose probabilities are averaged by weight. Where the scan is smaller than a window, zeros are added
/// behind it. At most a window's depth of planes is in memory.
package struct WindowAverage: ScanCover {
  private let grid: WindowGrid
  /// Voxels along D, H, W of the scan; of the scan with the zeros.
  private let (wanted, extents): ([Int], [Int])
  private let classCount: Int
  /// The first plane that was not taken out.
  private var first = 0
  /// From that plane on: sums `[H, W, classes]` and weights `[H, W]`.
  private var sums: [[Float]] = []
  private var weights: [[Float]] = []

  /// - Parameters:
  ///   - extents: of the scan along D, H, W.
  ///   - window: voxels of a window.
  package init(extents: [Int], window: [Int], classCount: Int) {
    wanted = extents
    self.extents = zip(extents, window).map { max($0, $1) }
    grid = WindowGrid(extents: self.extents, window: window)
    self.classCount = classCount
  }

  package var inputShape: [Int] { grid.window }
  package var origins: [[Int]] { grid.origins }
  package var planeCount: Int { sums.count }

  package func input(of image: PreparedImage, at origin: [Int]) -> [Float] {
    image.box(at: origin, grid.window)
  }

  package mutating func add(_ probabilities: [Float], at origin: [Int]) {
    let area = extents[1] * extents[2]
    while first + sums.count < origin[0] + grid.window[0] {
      sums.append([Float](repeating: 0, count: area * classCount))
      weights.append([Float](repeating: 0, count: area))
    }
    let rowCount = grid.window[2] * classCount
    // The weights along a row, once for each voxel and once for each of its values.
    let rowWeights = grid.weights[2]
    let valueWeights = rowWeights.flatMap { [Float](repeating: $0, count: classCount) }
    for d in 0..<grid.window[0] {
      let plane = origin[0] + d - first
      for h in 0..<grid.window[1] {
        let weight = grid.weights[0][d] * grid.weights[1][h]
        let row = (origin[1] + h) * extents[2] + origin[2]
        let source = (d * grid.window[1] + h) * rowCount
        weights[plane].withUnsafeMutableBufferPointer { target in
          for w in rowWeights.indices { target[row + w] += weight * rowWeights[w] }
        }
        probabilities.withUnsafeBufferPointer { probabilities in
          sums[plane].withUnsafeMutableBufferPointer { target in
            let start = row * classCount
            for index in 0..<rowCount {
              target[start + index] += weight * valueWeights[index] * probabilities[source + index]
            }
          }
        }
      }
    }
  }

  package mutating func nextPlane(before end: Int) -> [Float]? {
    guard first < end, !sums.isEmpty else { return nil }
    first += 1
    let (sum, weight) = (sums.removeFirst(), weights.removeFirst())
    var plane: [Float] = []
    plane.reserveCapacity(wanted[1] * wanted[2] * classCount)
    for h in 0..<wanted[1] {
      let row = h * extents[2]
      for position in row * classCount..<(row + wanted[2]) * classCount {
        plane.append(sum[position] / weight[position / classCount])
      }
    }
    return plane
  }
}
