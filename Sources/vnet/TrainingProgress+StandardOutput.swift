import Segmentation

extension TrainingProgress.Output {
  /// The standard output.
  static func standardOutput(isTerminal: Bool) -> Self {
    Self(isTerminal: isTerminal, write: StandardOutput.write)
  }
}
