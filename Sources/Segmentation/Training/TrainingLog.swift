import Foundation
import MedicalImaging

/// Follows a training run on the terminal and in the model folder's logs.
public struct TrainingLog: TrainingObserver {
  private let logger: RunLog
  private var progress: TrainingProgress
  private let logEvery: Int
  private let labels: LabelScheme
  /// Steps of the epoch that a loss scale skipped.
  private var skippedSteps = 0
  private var lossScale: Double?

  /// - Parameters:
  ///   - session: that is followed.
  ///   - device: the executor's line.
  ///   - precision: what computes in which dtype, and who decided, for the log.
  ///   - replicaCount: the processes that share out the run.
  ///   - logEvery: steps between two lines of the log.
  ///   - output: where the progress goes.
  public init(
    _ session: TrainingSession, device: String, precision: String, replicaCount: Int = 1, logEvery: Int,
    output: TrainingProgress.Output
  ) throws {
    let record = session.record
    logger = try RunLog(session.folder)
    progress = TrainingProgress(
      epochs: record.epoch..<record.options.epochs, imagesPerEpoch: session.imagesPerEpoch, output: output)
    self.logEvery = logEvery
    labels = record.preparation.labels
    try logger.log(
      .parameter,
      Self.parameters(session, device).merging([
        "precision": .text(precision), "replicas": .integer(replicaCount),
      ]) { $1 })
  }

  private static func parameters(
    _ session: TrainingSession, _ device: String
  ) throws -> [String: DLLogger.Value] {
    let (record, options) = (session.record, session.record.options)
    return [
      "preset": .text(options.preset.rawValue),
      "input_shape": .text(options.network.inputShape.map(String.init).joined(separator: " ")),
      "parameters": .integer(session.trainableParameterCount),
      "batch_size": .integer(options.batchSize), "epochs": .integer(options.epochs),
      "optimizer": .text(options.optimizer.name.rawValue), "base_lr": .number(options.baseLearningRate),
      "orientation": .text(options.orientation.rawValue), "seed": .text(String(options.seed)),
      "split_seed": .text(String(options.splitSeed)),
      "training_cases": .integer(record.trainingCases.count),
      "validation_cases": .integer(record.validationCases.count), "device": .text(device),
    ]
  }

  public mutating func epochBegins(_ epoch: Int) {
    progress.beginEpoch(epoch)
    skippedSteps = 0
  }

  public mutating func stepEnded(_ step: TrainingStep) throws {
    progress.advance(images: step.images, loss: step.countedLoss.map { Float($0) })
    if step.wasSkipped { skippedSteps += 1 }
    lossScale = step.lossScale
    guard step.iteration % logEvery == 0 || step.wasSkipped else { return }
    var data: [String: DLLogger.Value] = [
      "loss": .number(step.loss), "gradient_norm": .number(step.gradientNorm),
      "learning_rate": .number(step.learningRate),
    ]
    if let scale = step.lossScale {
      data["loss_scale"] = .number(scale)
      data["skipped"] = .boolean(step.wasSkipped)
    }
    try logger.log(.iteration(epoch: step.epoch, iteration: step.iteration), data)
  }

  public mutating func epochEnded(_ record: EpochRecord) throws {
    var data: [String: DLLogger.Value] = ["images_per_second": .number(record.imagesPerSecond)]
    data["train_loss"] = record.loss.map { .number($0) }
    data["waiting_seconds"] = record.waitingSeconds.map { .number($0) }
    for (name, dice) in zip(labels.outputNames, record.validationDice) {
      data["validation_dice_\(name)"] = dice.map { .number($0) }
    }
    if let lossScale {
      data["loss_scale"] = .number(lossScale)
      data["skipped_steps"] = .integer(skippedSteps)
    }
    try logger.log(.epoch(record.epoch), data)
    let scores: [String] =
      record.validationDice.isEmpty
      ? []
      : labels.structures.map { structure in
        let dice = record.validationDice[structure.output]
        return "\(structure.name) \(dice.map { String(format: "%.3f", $0) } ?? "absent")"
      }
    var notes = scores.isEmpty ? [] : ["soft Dice " + scores.joined(separator: ", ")]
    if let lossScale { notes.append("loss scale \(Int(lossScale)), \(skippedSteps) skipped") }
    progress.endEpoch(notes: notes)
  }

  /// Logs the figures of an evaluation.
  public func log(_ evaluation: Evaluation) throws {
    var data: [String: DLLogger.Value] = [:]
    for (index, name) in evaluation.classNames.enumerated() {
      for figure in EvaluationFigure.allCases {
        if let value = evaluation.mean(index, figure.value) {
          data["\(name)_\(figure.rawValue)"] = .number(value)
        }
      }
    }
    try logger.log(.summary, data)
  }
}
