import Interchange
import Segmentation

/// All that follows a training run: the log on the first replica, and what was asked for beside it.
struct RunObserver: TrainingObserver {
  var log: TrainingLog?
  var board: TensorBoardLog?

  mutating func epochBegins(_ epoch: Int) {
    log?.epochBegins(epoch)
    board?.epochBegins(epoch)
  }

  mutating func stepEnded(_ step: TrainingStep) throws {
    try log?.stepEnded(step)
    try board?.stepEnded(step)
  }

  mutating func epochEnded(_ record: EpochRecord) throws {
    try log?.epochEnded(record)
    try board?.epochEnded(record)
  }
}
