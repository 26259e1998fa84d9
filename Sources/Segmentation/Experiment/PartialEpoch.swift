/// How far an epoch has come whose checkpoint was written before its end.
public struct PartialEpoch: Codable, Equatable, Sendable {
  /// The steps that are done.
  public var stepCount = 0
  /// Of the losses of these steps.
  var loss = MeanLoss()

  init() {}
}
