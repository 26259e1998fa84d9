import Foundation
import TensorGraph

/// Keeps a run's weights and state in its folder after each epoch, and within long ones.
struct CheckpointWriter {
  let folder: ModelFolder
  let executor: any Executor
  /// Of every weight and state.
  let names: [String]
  /// How many checkpoints from before the last are kept.
  let keptCount: Int
  /// The epochs that are done in the folder's last checkpoint; nil where there is none from between epochs.
  private var lastEpoch: Int?
  /// The mean foreground soft Dice of the best checkpoint in the folder; nil where there is none.
  private var bestDice: Double?

  /// - Parameter record: of the checkpoint that the run starts from. A best checkpoint from behind it counts as none, since
  ///   its epoch is trained again.
  init(
    folder: ModelFolder, executor: any Executor, names: [String], startingFrom record: ModelRecord,
    keptCount: Int
  ) {
    (self.folder, self.executor, self.names, self.keptCount) = (folder, executor, names, keptCount)
    let epoch = record.epoch
    lastEpoch = epoch > 0 && record.partialEpoch == nil ? epoch : nil
    guard epoch > 0, let best = try? Checkpoint(folder, .best).record, best.epoch <= epoch else { return }
    bestDice = best.history.last?.foregroundDice
  }

  /// Every weight and state after an epoch.
  ///
  /// - Throws: `SegmentationError.diverged` when one of them, or a prediction, is not finite.
  func tensors(after entry: EpochRecord) throws -> [String: Tensor] {
    guard entry.validationDice.allSatisfy({ $0?.isFinite ?? true }) else {
      throw SegmentationError.diverged(epoch: entry.epoch + 1, iteration: nil)
    }
    return try tensors(epoch: entry.epoch)
  }

  private func tensors(epoch: Int) throws -> [String: Tensor] {
    let tensors = try executor.fetch(names)
    guard tensors.values.allSatisfy({ $0.elements.allSatisfy(\.isFinite) }) else {
      throw SegmentationError.diverged(epoch: epoch + 1, iteration: nil)
    }
    return tensors
  }

  /// Writes a last checkpoint from within an epoch, which the record tells.
  ///
  /// - Throws: also `SegmentationError.diverged` when a weight or state is not finite.
  mutating func writePartial(_ record: ModelRecord) throws {
    let checkpoint = Checkpoint(record: record, tensors: try tensors(epoch: record.epoch))
    try keepLast()
    try checkpoint.write(to: folder.checkpointPath(.last))
  }

  /// Writes the last checkpoint, and the best one where the last epoch did better than that in the folder. The best one
  /// first: where that fails, or the process ends in between, the epoch is not done, and a run that goes on trains it again.
  mutating func write(_ checkpoint: Checkpoint) throws {
    if let dice = checkpoint.record.history.last?.foregroundDice, dice > bestDice ?? -.infinity {
      try checkpoint.write(to: folder.checkpointPath(.best))
      bestDice = dice
    }
    try keepLast()
    try checkpoint.write(to: folder.checkpointPath(.last))
    lastEpoch = checkpoint.record.epoch
  }

  /// Gives the last checkpoint, before another takes its place, a name of its own; the oldest of those kept goes.
  private mutating func keepLast() throws {
    guard keptCount > 0, let epoch = lastEpoch else { return }
    lastEpoch = nil
    let path = folder.keptCheckpointPath(afterEpochs: epoch)
    unlink(path)
    if link(folder.checkpointPath(.last), path) != 0 {
      // The file system has no hard links.
      try Checkpoint(contentsOf: folder.checkpointPath(.last)).write(to: path)
    }
    for old in folder.keptEpochs.dropLast(keptCount) { unlink(folder.keptCheckpointPath(afterEpochs: old)) }
  }
}
