/// The distribution of one channel's intensities over the foreground voxels of all training cases, in the
/// scan's units (Hounsfield units for CT).
///
/// Source: nnU-Net's intensity fingerprint (Isensee et al. 2021, supplementary note 2).
public struct IntensityStatistics: Codable, Equatable, Sendable {
  /// The percentile 0.5.
  public var lowerBound: Double
  /// The percentile 99.5.
  public var upperBound: Double
  public var mean: Double
  /// Population standard deviation.
  public var standardDeviation: Double

  public init(lowerBound: Double, upperBound: Double, mean: Double, standardDeviation: Double) {
    self.lowerBound = lowerBound
    self.upperBound = upperBound
    self.mean = mean
    self.standardDeviation = standardDeviation
  }

  /// In a few words, for a user.
  public var summary: String {
    func rounded(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
    return "\(rounded(lowerBound)) to \(rounded(upperBound)), mean \(rounded(mean)), "
      + "deviation \(rounded(standardDeviation))"
  }

  /// The statistics of a sample of intensities; nil for an empty one.
  public init?(of intensities: [Float]) {
    guard !intensities.isEmpty else { return nil }
    let sorted = intensities.sorted().map(Double.init)
    let (mean, deviation) = moments(intensities)
    self.init(
      lowerBound: percentile(0.5, ofSorted: sorted), upperBound: percentile(99.5, ofSorted: sorted),
      mean: mean, standardDeviation: deviation)
  }
}
