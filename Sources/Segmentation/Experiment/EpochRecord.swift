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
  /// Mean of the soft Dice of each output at network resolution over the validation cases whose truth has the class or
  /// region, nil where none has; empty where nothing was validated. Earlier versions counted cases without it, too.
  public var validationDice: [Double?]
  /// Whether they are those of regions, none of which is the background; nil, as in older records, for classes.
  public var areRegions: Bool?

  /// The mean over the foreground classes or the regions that are there; nil where nothing validates.
  public var foregroundDice: Double? {
    let foreground = validationDice.dropFirst(areRegions == true ? 0 : 1).compactMap { $0 }
    return foreground.isEmpty ? nil : foreground.reduce(0, +) / Double(foreground.count)
  }
}
