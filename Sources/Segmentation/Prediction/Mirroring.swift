import MedicalImaging

extension TrainingOptions {
  /// The axes, among D (0), H (1) and W (2), along which training mirrored what it saw.
  public var mirroredAxes: [Int] {
    switch sampling {
    case .wholeGrid(let flips): flips ? RandomFlip().axes.sorted() : []
    case .patches(let patches): patches.augmentation.spatial.mirroredAxes
    }
  }
}

/// The combinations of some axes, none first: `[[], [0], [1], [0, 1]]` for 0 and 1.
func mirrorings(of axes: [Int]) -> [[Int]] {
  axes.sorted().reduce([[]]) { combinations, axis in combinations + combinations.map { $0 + [axis] } }
}

extension [Float] {
  /// The elements of an array of shape `[D, H, W, C]`, reversed along some of its axes.
  func mirrored(_ axes: [Int], _ shape: [Int]) -> [Float] {
    axes.reduce(self) { elements, axis in
      reversedAlongAxis(elements, shape[axis], shape[(axis + 1)...].reduce(1, *))
    }
  }
}
