/// A normalisation that a user asks for in place of the one that the modality's name suggests.
public enum NormalizationChoice: String, Codable, Sendable, CaseIterable {
  /// Scan by scan.
  case zScore = "z-score"
  /// Scan by scan, over the voxels inside of the value that the scan's corners have.
  case zScoreInside = "z-score-inside"
  /// By the foreground of the training cases, as CT.
  case foreground
}
