/// Where a mean over many cases lies with a confidence of 95 %, by the cases that were measured. In JSON the list of both ends.
public struct ConfidenceInterval: Equatable, Sendable {
  public let lower: Double
  public let upper: Double

  public init(lower: Double, upper: Double) {
    self.lower = lower
    self.upper = upper
  }
}

extension ConfidenceInterval: Encodable {
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.unkeyedContainer()
    try container.encode(lower)
    try container.encode(upper)
  }
}
