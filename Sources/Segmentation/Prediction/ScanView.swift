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

  /// The view that brings this one back.
  var inverse: ScanView {
    switch self {
    case .mirrored: self
    case .rotated(let axis, let degrees): .rotated(axis: axis, degrees: -degrees)
    }
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
enum CommonViews {
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
  func input(_ input: [Float], as view: ScanView) -> [Float] { seen(input, inputShape, as: view) }

  /// Adds the answer `[D, H, W, classes]` to a view. A turned one counts as far as it shows a voxel.
  mutating func add(_ answer: [Float], to view: ScanView) {
    let restored = seen(answer, outputShape, as: view.inverse)
    for index in sums.indices { sums[index] += restored[index] }
    switch view {
    case .mirrored:
      for voxel in weights.indices { weights[voxel] += 1 }
    case .rotated:
      let shown = seen([Float](repeating: 1, count: weights.count), outputShape, as: view.inverse)
      for voxel in weights.indices { weights[voxel] += shown[voxel] }
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

  /// Values `[D, H, W, C]` as a view shows them: turned ones are interpolated linearly.
  private func seen(_ values: [Float], _ extents: [Int], as view: ScanView) -> [Float] {
    switch view {
    case .mirrored(let axes):
      let channelCount = values.count / extents.reduce(1, *)
      return axes.reduce(values) { values, axis in
        reversedAlongAxis(values, extents[axis], extents[(axis + 1)...].reduce(channelCount, *))
      }
    case .rotated(let axis, let degrees):
      let rotation = LinearMap(rotationAbout: axis, degrees: degrees).inVoxels(spacing: spacing)
      let middle = SIMD3(extents.map { Double($0 - 1) / 2 })
      return PatchMap(extents: extents, centre: middle, map: rotation).values(of: values, extents)
    }
  }
}
