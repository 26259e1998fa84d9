/// In which order of its axes a scan is seen.
public enum OrientationChoice: String, Codable, Sendable, CaseIterable {
  /// RAS, whichever order it is stored in.
  case canonical
  /// As it is stored: for data without true geometry.
  case stored

  /// What brings a scan into that order.
  public func rearrangement(of geometry: Geometry) -> AxisRearrangement {
    switch self {
    case .canonical: AxisRearrangement(from: geometry.axisOrder, to: .canonical)
    case .stored: .identity
    }
  }
}
