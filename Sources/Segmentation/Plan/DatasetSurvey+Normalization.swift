import MedicalImaging

// How intensities are normalised where the user does not say.
extension DatasetSurvey {
  /// From this share of voxels outside on, of the median training scan, only those inside are counted.
  ///
  /// Source: nnU-Net, which does so where cropping to what is not 0 takes off a quarter.
  private static let outsideShareLimit = 0.25

  /// What suits a channel: CT by its name, else the z-score, of the voxels inside where much lies outside.
  ///
  /// - Parameter looksAtScans: whether the training cases are read for it.
  /// - Throws: what reading a training case throws.
  func normalization(
    of channel: Int, named name: String, _ training: [Case], _ orientation: OrientationChoice,
    looksAtScans: Bool
  ) throws -> NormalizationChoice {
    if Normalization.isCT(name) { return .foreground }
    guard looksAtScans else { return .zScore }
    let shares = try facts(of: training, orientation).map { $0.outsideShares[channel] }.sorted()
    return shares[shares.count / 2] >= Self.outsideShareLimit ? .zScoreInside : .zScore
  }

  /// The statistics of a channel over the training cases' foreground.
  ///
  /// - Throws: what reading a training case throws, `SegmentationError.noCases` where none has foreground.
  func foregroundStatistics(
    of channel: Int, _ training: [Case], _ orientation: OrientationChoice
  ) throws -> IntensityStatistics {
    let samples = try facts(of: training, orientation).map(\.foreground)
    let statistics = ForegroundSample.statistics(of: samples, channelCount: dataset.channelNames.count)
    guard let own = statistics[channel] else {
      throw SegmentationError.noCases(
        reason:
          "\(dataset.descriptionPath): no training mask has foreground, by which intensities could be "
          + "normalised; add labelled cases, or give --normalization z-score.")
    }
    return own
  }
}
