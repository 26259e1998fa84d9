/// A normalisation that a user asks for in place of the one that the modality's name suggests.
public enum NormalizationChoice: String, Codable, Sendable, CaseIterable {
  /// Scan by scan.
  case zScore = "z-score"
  /// By the foreground of the training cases, as CT.
  case foreground
}
