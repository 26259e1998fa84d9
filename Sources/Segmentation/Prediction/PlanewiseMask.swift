import MedicalImaging

/// A mask made of planes of probabilities across i, one after the other: the most probable class of each voxel, the first on a
/// tie.
struct PlanewiseMask {
  private let size: GridSize
  private let classCount: Int
  /// Class indices i fastest, then j, then k.
  private var labels: [UInt8]
  private var planeCount = 0

  init(size: GridSize, classCount: Int) {
    self.size = size
    self.classCount = classCount
    labels = [UInt8](repeating: 0, count: size.count)
  }

  /// Adds the next plane, `[J, K, classes]`.
  mutating func add(_ plane: [Float]) {
    var position = 0
    for j in 0..<size.j {
      for k in 0..<size.k {
        var (best, label) = (-Float.infinity, 0)
        for candidate in 0..<classCount where plane[position + candidate] > best {
          (best, label) = (plane[position + candidate], candidate)
        }
        labels[(k * size.j + j) * size.i + planeCount] = UInt8(label)
        position += classCount
      }
    }
    planeCount += 1
  }

  func mask(_ geometry: Geometry) -> LabelVolume {
    LabelVolume(size: size, geometry: geometry, labels: labels)
  }
}
