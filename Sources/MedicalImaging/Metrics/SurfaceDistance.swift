/// Distances between the surfaces of two masks of one class, in mm.
///
/// A surface is the mask's voxels with a face neighbour outside the mask or outside the grid; a distance runs
/// from voxel centre to the nearest voxel centre of the other surface.
public struct SurfaceDistance: Equatable, Sendable {
  /// The larger of the two directed 95th percentiles, linearly interpolated, in mm.
  ///
  /// Source: Metrics Reloaded (Maier-Hein, Reinke et al. 2024), as MONAI and DeepMind's surface-distance have it
  /// (the latter weighs voxels by surface area). MedPy's `hd95` takes one percentile of both directions pooled
  /// instead, which is mostly smaller.
  public let hausdorff95: Double
  /// The mean over the distances of both surfaces, pooled, in mm (average symmetric surface distance, ASSD).
  ///
  ///     (sum(d(a, B)) + sum(d(b, A))) / (|A| + |B|)
  ///
  /// Source: Heimann et al. 2009, "Comparison and evaluation of methods for liver segmentation from CT datasets",
  /// section II-F. MedPy's `assd` averages the two directions' means instead.
  public let average: Double
  /// The share of both surfaces, pooled, that lies within a tolerance of the other: the normalised surface Dice (NSD).
  ///
  ///     (|{a: d(a, B) <= tolerance}| + |{b: d(b, A) <= tolerance}|) / (|A| + |B|)
  ///
  /// Source: Nikolov et al. 2021, "Clinically applicable segmentation of head and neck anatomy", equation 1, with
  /// surfaces counted in voxels rather than in mm^2.
  public let normalizedSurfaceDice: Double

  /// - Parameters:
  ///   - prediction: the predicted classes.
  ///   - truth: the true ones, on the same grid.
  ///   - label: the class that is measured.
  ///   - spacing: mm along i, j, k.
  ///   - tolerance: of the normalised surface Dice, in mm.
  /// - Returns: nil where either mask lacks the class.
  public init?(
    _ prediction: LabelVolume, _ truth: LabelVolume, label: UInt8, spacing: [Double], tolerance: Double = 1
  ) {
    precondition(prediction.size == truth.size, "masks on one grid")
    guard let box = LabelBox(of: label, in: [prediction, truth]) else { return nil }
    let a = Surface(of: label, in: prediction, box)
    let b = Surface(of: label, in: truth, box)
    guard !a.voxels.isEmpty, !b.voxels.isEmpty else { return nil }
    let fromA = a.distances(to: b, box.size, spacing)
    let fromB = b.distances(to: a, box.size, spacing)
    hausdorff95 = max(percentile(95, ofSorted: fromA), percentile(95, ofSorted: fromB))
    average = (fromA.reduce(0, +) + fromB.reduce(0, +)) / Double(fromA.count + fromB.count)
    let within = fromA.count { $0 <= tolerance } + fromB.count { $0 <= tolerance }
    normalizedSurfaceDice = Double(within) / Double(fromA.count + fromB.count)
  }
}
