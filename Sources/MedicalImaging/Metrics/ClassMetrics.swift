/// How well one class of one case was segmented, in the scan's own geometry.
public struct ClassMetrics: Equatable, Sendable {
  public let dice: Measured
  /// 95th percentile of the Hausdorff distance, in mm.
  public let hausdorff95: Measured
  /// Average symmetric surface distance, in mm.
  public let averageSurfaceDistance: Measured
  /// Volumes in mm^3.
  public let predictedVolume: Double
  public let trueVolume: Double

  /// Compares two masks on one grid.
  public init(prediction: LabelVolume, truth: LabelVolume, label: UInt8) {
    let voxelVolume = truth.geometry.spacing.reduce(1, *)
    predictedVolume = voxelVolume * Double(prediction.labels.count { $0 == label })
    trueVolume = voxelVolume * Double(truth.labels.count { $0 == label })
    dice = MedicalImaging.dice(prediction, truth, label: label)
    let distance = SurfaceDistance(prediction, truth, label: label, spacing: truth.geometry.spacing)
    if let distance {
      hausdorff95 = .value(distance.hausdorff95)
      averageSurfaceDistance = .value(distance.average)
    } else {
      let absence: Measured =
        trueVolume == 0 ? (predictedVolume == 0 ? .absentInBoth : .absentInTruth) : .absentInPrediction
      (hausdorff95, averageSurfaceDistance) = (absence, absence)
    }
  }
}
