import Networks

/// A part of a network whose weights training leaves as they are. Moving statistics of batch norm go on following the data.
public enum FrozenPart: String, Codable, Sendable, CaseIterable {
  /// All that reads the image down to its coarsest grid.
  case encoder

  /// Whether a parameter of a network belongs to it.
  func holds(_ parameter: String, of network: Network) -> Bool {
    switch self {
    case .encoder: network.isInEncoder(parameter)
    }
  }
}
