/// How well one class of one case was segmented, in the scan's own geometry.
public struct ClassMetrics: Codable, Equatable, Sendable {
  public let dice: Measured
  /// 95th percentile of the Hausdorff distance, in mm; see `SurfaceDistance`.
  public let hausdorff95: Measured
  /// Average symmetric surface distance, in mm; see `SurfaceDistance`.
  public let averageSurfaceDistance: Measured
  /// At a tolerance of 1 mm; see `SurfaceDistance`. As Dice, 0 for a class that the prediction misses.
  public let normalizedSurfaceDice: Measured
  /// Voxels of the class times the volume of a voxel, in mm^3.
  public let predictedVolume: Double
  /// In mm^3.
  public let trueVolume: Double

  /// Compares two masks on one grid; the spacing is the truth's.
  public init(prediction: LabelVolume, truth: LabelVolume, label: UInt8) {
    let spacing = truth.geometry.spacing
    let voxelVolume = spacing.reduce(1, *)
    let overlap = MaskOverlap(prediction: prediction, truth: truth, label: label)
    predictedVolume = voxelVolume * Double(overlap.predictedCount)
    trueVolume = voxelVolume * Double(overlap.trueCount)
    dice = overlap.dice
    if let distance = SurfaceDistance(prediction, truth, label: label, spacing: spacing) {
      hausdorff95 = .value(distance.hausdorff95)
      averageSurfaceDistance = .value(distance.average)
      normalizedSurfaceDice = .value(distance.normalizedSurfaceDice)
    } else {
      let absence: Measured =
        trueVolume == 0 ? (predictedVolume == 0 ? .absentInBoth : .absentInTruth) : .absentInPrediction
      (hausdorff95, averageSurfaceDistance) = (absence, absence)
      normalizedSurfaceDice = trueVolume == 0 ? absence : .value(0)
    }
  }
}
