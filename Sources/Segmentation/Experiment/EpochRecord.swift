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
  /// Mean of the soft Dice of each class at network resolution over the validation cases whose truth has the class, nil
  /// where none has; empty where nothing was validated. Earlier versions counted cases without the class, too.
  public var validationDice: [Double?]

  /// The mean over the foreground classes that are there; nil where nothing validates.
  public var foregroundDice: Double? {
    let foreground = validationDice.dropFirst().compactMap { $0 }
    return foreground.isEmpty ? nil : foreground.reduce(0, +) / Double(foreground.count)
  }
}
