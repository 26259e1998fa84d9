/// A figure that exists only where the class does.
///
/// In JSON a number, or the reason for its absence: "absent", "absent in truth" or "absent in prediction".
public enum Measured: Equatable, Sendable {
  case value(Double)
  /// The class is in neither mask: there is nothing to measure.
  case absentInBoth
  /// The class is in the prediction only.
  case absentInTruth
  /// The class is in the truth only.
  case absentInPrediction

  /// The figure; nil where the class is absent.
  public var value: Double? {
    if case .value(let value) = self { return value }
    return nil
  }
}

extension Measured: Codable {
  private enum Absence: String, Codable {
    case absentInBoth = "absent"
    case absentInTruth = "absent in truth"
    case absentInPrediction = "absent in prediction"
  }

  /// - Throws: `DecodingError` for anything but a number and the three reasons.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Double.self) {
      self = .value(value)
      return
    }
    switch try container.decode(Absence.self) {
    case .absentInBoth: self = .absentInBoth
    case .absentInTruth: self = .absentInTruth
    case .absentInPrediction: self = .absentInPrediction
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .value(let value): try container.encode(value)
    case .absentInBoth: try container.encode(Absence.absentInBoth)
    case .absentInTruth: try container.encode(Absence.absentInTruth)
    case .absentInPrediction: try container.encode(Absence.absentInPrediction)
    }
  }
}
