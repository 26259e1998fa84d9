import MedicalImaging
import PlainText
import Segmentation

/// Follows a training run in an event file for TensorBoard. Steps are counted from the run's beginning, epochs are shown at the
/// step that ends them.
public struct TensorBoardLog: TrainingObserver {
  private let file: EventFile
  private let stepsPerEpoch: Int
  private let logEvery: Int
  private let labels: LabelScheme

  /// - Parameter logEvery: steps between two points.
  /// - Throws: `TensorBoardError` where the file cannot be made.
  public init(_ session: TrainingSession, logEvery: Int) throws {
    stepsPerEpoch = session.stepsPerEpoch
    self.logEvery = logEvery
    labels = session.record.preparation.labels
    let done = session.record.epoch * stepsPerEpoch + (session.record.partialEpoch?.stepCount ?? 0)
    file = try EventFile(in: session.folder.tensorBoardPath, fromStep: done)
  }

  public mutating func epochBegins(_ epoch: Int) {}

  public mutating func stepEnded(_ step: TrainingStep) throws {
    guard step.iteration % logEvery == 0 || step.wasSkipped else { return }
    var numbers = [
      (tag: "step/loss", value: step.loss), ("step/gradient_norm", step.gradientNorm),
      ("step/learning_rate", step.learningRate),
    ]
    if let scale = step.lossScale { numbers.append(("step/loss_scale", scale)) }
    try file.append(step: step.epoch * stepsPerEpoch + step.iteration, numbers)
  }

  public mutating func epochEnded(_ record: EpochRecord) throws {
    var numbers = [
      (tag: "epoch/images_per_second", value: record.imagesPerSecond),
      ("epoch/number", Double(record.epoch + 1)),
    ]
    if let loss = record.loss { numbers.append(("epoch/loss", loss)) }
    if let seconds = record.waitingSeconds { numbers.append(("epoch/waiting_seconds", seconds)) }
    if !record.validationDice.isEmpty {
      for structure in labels.structures {
        guard let dice = record.validationDice[structure.output] else { continue }
        numbers.append(("validation_dice/\(structure.name.printable)", dice))
      }
    }
    if let dice = record.foregroundDice { numbers.append(("validation_dice/mean", dice)) }
    try file.append(step: (record.epoch + 1) * stepsPerEpoch - 1, numbers)
  }
}
