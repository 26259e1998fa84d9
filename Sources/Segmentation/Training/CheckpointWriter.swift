import TensorGraph

/// Keeps a run's weights and state in its folder after each epoch.
struct CheckpointWriter {
  let folder: ModelFolder
  let executor: any Executor
  /// Of every weight and state.
  let names: [String]

  /// Every weight and state after an epoch.
  ///
  /// - Throws: `SegmentationError.diverged` when one of them, or a prediction, is not finite.
  func tensors(after entry: EpochRecord) throws -> [String: Tensor] {
    let tensors = try executor.fetch(names)
    let areWeightsFinite = tensors.values.allSatisfy { $0.elements.allSatisfy(\.isFinite) }
    guard areWeightsFinite, entry.validationDice.allSatisfy({ $0?.isFinite ?? true }) else {
      throw SegmentationError.diverged(epoch: entry.epoch + 1, iteration: nil)
    }
    return tensors
  }

  /// Writes the last checkpoint, and the best one where the last epoch is the best.
  func write(_ checkpoint: Checkpoint) throws {
    try checkpoint.write(to: folder.checkpointPath(.last))
    let record = checkpoint.record
    if record.bestEpoch == record.epoch - 1 { try checkpoint.write(to: folder.checkpointPath(.best)) }
  }
}
