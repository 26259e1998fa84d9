import MedicalImaging

/// A way in which a model is shown a scan. What it answers is brought back to the scan as it is.
public enum ScanView: Hashable, Sendable {
  /// Reversed along some axes, among D (0), H (1) and W (2); along none as it is.
  case mirrored(axes: [Int])
  /// Turned about an axis through the middle of what the network takes at once, rigidly in mm, towards the axis after it.
  case rotated(axis: Int, degrees: Double)

  /// The scan as it is.
  public static let asIs = ScanView.mirrored(axes: [])

  /// All combinations of mirroring along some axes, none first: [], [0], [1], [0, 1] for 0 and 1.
  public static func mirrorings(along axes: [Int]) -> [ScanView] {
    axes.sorted().reduce([[]]) { combinations, axis in combinations + combinations.map { $0 + [axis] } }
      .map { .mirrored(axes: $0) }
  }

  /// The scan as it is, and turned about each axis by so many degrees to either side.
  public static func rotations(by degrees: Double = 10) -> [ScanView] {
    [.asIs]
      + (0..<3).flatMap { [.rotated(axis: $0, degrees: degrees), .rotated(axis: $0, degrees: -degrees)] }
  }
}

// Which views a model's training has shown it.
extension TrainingOptions {
  /// The axes, among D (0), H (1) and W (2), along which training mirrored what it saw.
  public var mirroredAxes: [Int] {
    switch sampling {
    case .wholeGrid(let flips): flips ? RandomFlip().axes.sorted() : []
    case .patches(let patches): patches.augmentation.spatial.mirroredAxes
    }
  }

  /// Whether training turned what it saw.
  var rotates: Bool { sampling.patches?.augmentation.names.contains(.rotation) ?? false }

  func knows(_ view: ScanView) -> Bool {
    switch view {
    case .mirrored(let axes): Set(axes).isSubset(of: mirroredAxes)
    case .rotated: rotates
    }
  }
}

/// What the training of all of some models has shown them.
enum CommonViews: Equatable {
  /// Mirrored along these axes, at least one.
  case mirrored(axes: [Int])
  /// Mirrored along no common axis, but turned.
  case rotated

  /// nil where they have nothing in common.
  init?(_ models: some Collection<SegmentationModel>) {
    let options = models.map(\.record.options)
    let axes = (0..<3).filter { axis in options.allSatisfy { $0.mirroredAxes.contains(axis) } }
    if !axes.isEmpty {
      self = .mirrored(axes: axes)
    } else if options.allSatisfy(\.rotates) {
      self = .rotated
    } else {
      return nil
    }
  }

  /// Those over which test-time augmentation takes the mean.
  var all: [ScanView] {
    switch self {
    case .mirrored(let axes): ScanView.mirrorings(along: axes)
    case .rotated: ScanView.rotations()
    }
  }

  /// The scan as it is, and changed in one way each.
  var single: [ScanView] {
    switch self {
    case .mirrored(let axes): [.asIs] + axes.map { .mirrored(axes: [$0]) }
    case .rotated: ScanView.rotations()
    }
  }
}

/// The mean of what a network answers to several views of one input.
struct ViewAverage {
  /// `[D, H, W]` of the input; of what the network answers.
  private let inputShape: [Int]
  private let outputShape: [Int]
  /// mm along D, H, W.
  private let spacing: [Double]
  private let classCount: Int
  /// `[D, H, W, classes]` and `[D, H, W]` of the answers.
  private var sums: [Float]
  private var weights: [Float]

  init(inputShape: [Int], outputShape: [Int], spacing: [Double], classCount: Int) {
    (self.inputShape, self.outputShape) = (inputShape, outputShape)
    (self.spacing, self.classCount) = (spacing, classCount)
    let count = outputShape.reduce(1, *)
    sums = [Float](repeating: 0, count: count * classCount)
    weights = [Float](repeating: 0, count: count)
  }

  /// The input `[D, H, W, C]` as a view shows it: beyond its edges are zeros.
  func input(_ input: [Float], as view: ScanView) -> [Float] {
    let channelCount = input.count / inputShape.reduce(1, *)
    return switch view {
    case .mirrored(let axes): input.mirrored(axes, inputShape + [channelCount])
    case .rotated(let axis, let degrees): rotated(input, inputShape, axis, degrees)
    }
  }

  /// Adds the answer `[D, H, W, classes]` to a view. A turned one counts as far as it shows a voxel.
  mutating func add(_ answer: [Float], to view: ScanView) {
    switch view {
    case .mirrored(let axes):
      let restored = answer.mirrored(axes, outputShape + [classCount])
      for index in sums.indices { sums[index] += restored[index] }
      for voxel in weights.indices { weights[voxel] += 1 }
    case .rotated(let axis, let degrees):
      let restored = rotated(answer, outputShape, axis, -degrees)
      let shares = rotated([Float](repeating: 1, count: weights.count), outputShape, axis, -degrees)
      for index in sums.indices { sums[index] += restored[index] }
      for voxel in weights.indices { weights[voxel] += shares[voxel] }
    }
  }

  /// `[D, H, W, classes]`; zeros where no view shows a voxel.
  func mean() -> [Float] {
    var mean = sums
    for voxel in weights.indices where weights[voxel] > 0 {
      for index in voxel * classCount..<(voxel + 1) * classCount { mean[index] /= weights[voxel] }
    }
    return mean
  }

  /// Values `[D, H, W, C]` turned about an axis through their middle, linearly interpolated.
  private func rotated(_ values: [Float], _ shape: [Int], _ axis: Int, _ degrees: Double) -> [Float] {
    let rotation = LinearMap(rotationAbout: axis, degrees: degrees).inVoxels(spacing: spacing)
    let middle = SIMD3(shape.map { Double($0 - 1) / 2 })
    return PatchMap(extents: shape, centre: middle, map: rotation).values(of: values, shape)
  }
}

extension [Float] {
  /// The elements of an array of shape `[D, H, W, C]`, reversed along some of its axes.
  fileprivate func mirrored(_ axes: [Int], _ shape: [Int]) -> [Float] {
    axes.reduce(self) { elements, axis in
      reversedAlongAxis(elements, shape[axis], shape[(axis + 1)...].reduce(1, *))
    }
  }
}
