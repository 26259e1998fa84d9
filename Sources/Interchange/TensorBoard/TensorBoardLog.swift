import MedicalImaging
import PlainText
import Segmentation

/// Follows a training run in an event file for TensorBoard. Steps are counted from the run's beginning, epochs are shown at the
/// step that ends them, with a slice of the first validation case where the epoch was validated.
public struct TensorBoardLog: TrainingObserver {
  private let file: EventFile
  private let stepsPerEpoch: Int
  private let logEvery: Int
  private let labels: LabelScheme
  /// The slice to show; nil without pictures.
  private let validationSlice: (() throws -> (caseName: String, picture: Picture)?)?

  /// - Parameters:
  ///   - logEvery: steps between two points.
  ///   - showsPictures: whether slices of a scan are written.
  /// - Throws: `TensorBoardError` where the file cannot be made.
  public init(_ session: TrainingSession, logEvery: Int, showsPictures: Bool = true) throws {
    validationSlice = showsPictures ? session.validationSlice : nil
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
    let step = (record.epoch + 1) * stepsPerEpoch - 1
    try file.append(step: step, numbers)
    if !record.validationDice.isEmpty, let slice = try validationSlice?() {
      try file.append(step: step, tag: "validation_slice/\(slice.caseName.printable)", slice.picture)
    }
  }
}
