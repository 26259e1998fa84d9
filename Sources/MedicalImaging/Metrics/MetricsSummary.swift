/// One figure over many cases. Cases where the class is absent are counted by reason and left out of the rest.
public struct MeasuredSummary: Codable, Equatable, Sendable {
  /// The cases with a value.
  public let measuredCount: Int
  public let absentInTruthCount: Int
  public let absentInPredictionCount: Int
  public let absentInBothCount: Int
  /// nil where no case has a value, as the rest.
  public let mean: Double?
  /// Population standard deviation.
  public let standardDeviation: Double?
  public let median: Double?

  enum CodingKeys: String, CodingKey {
    case measuredCount = "measured"
    case absentInTruthCount = "absent_in_truth"
    case absentInPredictionCount = "absent_in_prediction"
    case absentInBothCount = "absent_in_both"
    case mean
    case standardDeviation = "standard_deviation"
    case median
  }

  public init(_ figures: [Measured]) {
    let values = figures.compactMap(\.value).sorted()
    measuredCount = values.count
    absentInTruthCount = figures.count { $0 == .absentInTruth }
    absentInPredictionCount = figures.count { $0 == .absentInPrediction }
    absentInBothCount = figures.count { $0 == .absentInBoth }
    guard !values.isEmpty else {
      (mean, standardDeviation, median) = (nil, nil, nil)
      return
    }
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    self.mean = mean
    standardDeviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
    median = percentile(50, ofSorted: values)
  }
}

/// How well one class was segmented over many cases, each in its own geometry.
public struct ClassSummary: Codable, Equatable, Sendable {
  public let dice: MeasuredSummary
  /// In mm.
  public let hausdorff95: MeasuredSummary
  /// In mm.
  public let averageSurfaceDistance: MeasuredSummary
  /// At a tolerance of 1 mm.
  public let normalizedSurfaceDice: MeasuredSummary
  /// Means over all cases, in mm^3; nil for no cases.
  public let meanPredictedVolume: Double?
  public let meanTrueVolume: Double?

  enum CodingKeys: String, CodingKey {
    case dice
    case hausdorff95 = "hd95_mm"
    case averageSurfaceDistance = "assd_mm"
    case normalizedSurfaceDice = "nsd_1mm"
    case meanPredictedVolume = "mean_predicted_volume_mm3"
    case meanTrueVolume = "mean_true_volume_mm3"
  }

  /// - Parameter cases: the metrics of one class, one for each case.
  public init(_ cases: [ClassMetrics]) {
    dice = MeasuredSummary(cases.map(\.dice))
    hausdorff95 = MeasuredSummary(cases.map(\.hausdorff95))
    averageSurfaceDistance = MeasuredSummary(cases.map(\.averageSurfaceDistance))
    normalizedSurfaceDice = MeasuredSummary(cases.map(\.normalizedSurfaceDice))
    let count = Double(cases.count)
    meanPredictedVolume = cases.isEmpty ? nil : cases.reduce(0) { $0 + $1.predictedVolume } / count
    meanTrueVolume = cases.isEmpty ? nil : cases.reduce(0) { $0 + $1.trueVolume } / count
  }
}
