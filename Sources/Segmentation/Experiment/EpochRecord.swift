/// What one epoch gave.
public struct EpochRecord: Codable, Equatable, Sendable {
  /// From 0.
  public var epoch: Int
  /// Mean over the cases of the steps that were not skipped; nil where a loss scale skipped all of them.
  public var loss: Double?
  public var learningRate: Double
  public var imagesPerSecond: Double
  /// The time in which steps waited for their batch; nil where it was not measured.
  public var waitingSeconds: Double?
  /// Mean over the validation cases of the soft Dice of each class at network resolution; empty where nothing
  /// was validated.
  public var validationDice: [Double]
  /// Whether they are those of regions, none of which is the background; nil, as in older records, for classes.
  public var areRegions: Bool?

  /// The mean over the foreground classes or the regions; nil where nothing validates.
  public var foregroundDice: Double? {
    let foreground = validationDice.dropFirst(areRegions == true ? 0 : 1)
    return foreground.isEmpty ? nil : foreground.reduce(0, +) / Double(foreground.count)
  }
}
