import MedicalImaging

/// A volume of probabilities, one channel for each class, made of planes across i, one after the other.
struct PlanewiseVolume {
  private let size: GridSize
  private let classCount: Int
  /// In the order of the NIfTI array: i fastest, the class slowest.
  private var voxels: [Float]
  private var planeCount = 0

  init(size: GridSize, classCount: Int) {
    self.size = size
    self.classCount = classCount
    voxels = [Float](repeating: 0, count: size.count * classCount)
  }

  /// Adds the next plane, `[J, K, classes]`.
  mutating func add(_ plane: [Float]) {
    var position = 0
    for j in 0..<size.j {
      for k in 0..<size.k {
        for label in 0..<classCount {
          voxels[((label * size.k + k) * size.j + j) * size.i + planeCount] = plane[position]
          position += 1
        }
      }
    }
    planeCount += 1
  }

  func volume(_ geometry: Geometry) -> Volume {
    Volume(size: size, channelCount: classCount, geometry: geometry, voxels: voxels)
  }
}
