import MedicalImaging

/// The mask of a scan on its own grid, made of planes of probabilities on the model's grid, one after the other. It is the
/// mask of all probabilities at once, interpolated linearly.
struct PlanewiseMask {
  /// Class indices i fastest, then j, then k.
  private(set) var labels: [UInt8]

  private let size: GridSize
  private let classCount: Int
  /// Where the scan's voxels lie on the model's grid, along i, j, k.
  private let maps: [AxisMap]
  /// The extents of a plane along j and k on the model's grid.
  private let extents: [Int]
  private var previous: [Float] = []
  private var planeCount = 0
  /// The scan's first plane across i that is not done.
  private var next = 0

  /// - Parameter extents: of the model's grid along i, j, k.
  init(from extents: [Int], to size: GridSize, classCount: Int) {
    self.size = size
    self.classCount = classCount
    self.extents = Array(extents.dropFirst())
    maps = zip(extents, size.extents).map { AxisMap(input: $0, output: $1) }
    labels = [UInt8](repeating: 0, count: size.count)
  }

  /// Adds the next plane of the model's grid, `[J, K, classes]`.
  mutating func add(_ plane: [Float]) {
    while next < size.i, maps[0].upper[next] <= planeCount {
      let lower = maps[0].lower[next] == planeCount ? plane : previous
      write(blended(lower, plane, maps[0].weight[next]), at: next)
      next += 1
    }
    previous = plane
    planeCount += 1
  }

  private func blended(_ a: [Float], _ b: [Float], _ weight: Float) -> [Float] {
    weight == 0 ? a : a.indices.map { a[$0] + weight * (b[$0] - a[$0]) }
  }

  /// Interpolates a plane along j, then k, and writes the most probable classes, the first on a tie.
  private mutating func write(_ plane: [Float], at i: Int) {
    let rowCount = extents[1] * classCount
    for j in 0..<size.j {
      let (low, high) = (maps[1].lower[j] * rowCount, maps[1].upper[j] * rowCount)
      let row = blended(
        Array(plane[low..<low + rowCount]), Array(plane[high..<high + rowCount]), maps[1].weight[j])
      for k in 0..<size.k {
        let (a, b) = (maps[2].lower[k] * classCount, maps[2].upper[k] * classCount)
        var (best, label) = (-Float.infinity, 0)
        for candidate in 0..<classCount {
          let value = row[a + candidate] + maps[2].weight[k] * (row[b + candidate] - row[a + candidate])
          if value > best { (best, label) = (value, candidate) }
        }
        labels[(k * size.j + j) * size.i + i] = UInt8(label)
      }
    }
  }
}
