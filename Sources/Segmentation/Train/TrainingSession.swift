import Foundation
import MedicalImaging
import TensorGraph
import Training
import VNetModel

/// A training run: cases in memory, a train step on a device, a folder that receives checkpoints and a log.
public final class TrainingSession {
  public let folder: ModelFolder
  public private(set) var record: ModelRecord
  /// Training and validation cases as the data set has them.
  public let split: (training: [Case], validation: [Case])

  private let executor: any Executor
  private let graphs: ModelGraphs
  private let assembler: BatchAssembler
  private let validation: [PreparedCase]
  private let model: SegmentationModel
  private var steps: [Int: any Executable] = [:]
  private let persistentNames: [String]

  /// Prepares a run: divides the cases, reads them, and starts from the seed or from the last checkpoint.
  ///
  /// - Parameters:
  ///   - resume: goes on from the folder's last checkpoint; `options` are then the saved ones, except for the
  ///     number of epochs.
  ///   - onCase: called after each case that was read, with the numbers done and in all.
  /// - Throws: one clear error for whatever stands in the way, before anything is written.
  public init(
    dataset: MSDDataset, folder: ModelFolder, options: TrainingOptions, resume: Bool,
    executor: any Executor, onCase: (Int, Int) -> Void = { _, _ in }
  ) throws {
    self.folder = folder
    self.executor = executor
    let checkpoint = resume ? try Checkpoint(folder) : nil
    if !resume, folder.holdsModel { throw SegmentationError.modelExists(folder: folder.path) }
    record = try checkpoint?.record ?? Self.newRecord(dataset, options)
    record.options.epochs = options.epochs
    guard record.epoch < options.epochs else {
      throw SegmentationError.nothingToTrain(epochs: options.epochs, done: record.epoch)
    }
    split = try Self.cases(dataset, record)
    graphs = try ModelGraphs(record.options)

    let (preparation, total) = (record.preparation, split.training.count + split.validation.count)
    try preparation.requireMemory(forCases: total)
    // Before the scans are read: a network that does not fit is refused at once.
    steps[record.options.batchSize] = try executor.compile(
      try graphs.trainStep(batchSize: record.options.batchSize))
    var done = 0
    let prepare: (Case) throws -> PreparedCase = { entry in
      let prepared = try PreparedCase(entry, preparation: preparation)
      done += 1
      onCase(done, total)
      return prepared
    }
    let configuration = record.options.configuration
    assembler = BatchAssembler(
      cases: try split.training.map(prepare), model: graphs.model,
      tiles: TileGrid(
        gridShape: preparation.gridShape, inputShape: configuration.inputShape,
        outputShape: configuration.outputShape),
      augmentations: record.options.augment ? [RandomFlip()] : [])
    validation = try split.validation.map(prepare)

    try folder.create()
    let tensors = try checkpoint?.tensors ?? graphs.initialTensors(seed: record.options.seed)
    if let checkpoint {
      try checkpoint.requireTensors(
        of: try graphs.trainStep(batchSize: 1), path: folder.checkpointPath(.last))
    }
    persistentNames = tensors.keys.sorted()
    try executor.load(tensors)
    model = try SegmentationModel(record: record, executor: executor)
  }

  /// The record of a run that begins: the data set decides on classes and channels.
  private static func newRecord(_ dataset: MSDDataset, _ options: TrainingOptions) throws -> ModelRecord {
    var options = options
    options.configuration.inputChannels = dataset.channelNames.count
    options.configuration.classCount = dataset.classNames.count
    try options.configuration.validate()
    let split = DataSplit(
      dataset.training, trainingFraction: options.trainingFraction, seed: options.splitSeed)
    return ModelRecord(
      options: options,
      preparation: try Preparation(
        dataset: dataset, training: split.training, gridShape: options.configuration.inputShape),
      datasetName: dataset.name, trainingCases: split.training.map(\.name),
      validationCases: split.validation.map(\.name))
  }

  /// The data set's cases that a record names.
  private static func cases(_ dataset: MSDDataset, _ record: ModelRecord) throws -> ([Case], [Case]) {
    try record.requireSameClasses(dataset)
    return (
      try record.cases(named: record.trainingCases, in: dataset),
      try record.cases(named: record.validationCases, in: dataset)
    )
  }

  /// The number of weights that are trained.
  public var trainableParameterCount: Int { (try? graphs.model.trainableParameterCount()) ?? 0 }

  // MARK: Running

  /// Trains the epochs that are left; after each one validates and writes the checkpoints.
  ///
  /// - Throws: `SegmentationError.diverged` when a loss, or after an epoch a weight or a prediction, is not finite; the last
  ///   checkpoint is then untouched.
  public func run(reporting observer: inout some TrainingObserver) throws {
    while record.epoch < record.options.epochs {
      let epoch = record.epoch
      observer.epochBegins(epoch)
      let entry = try train(epoch, &observer)
      let tensors = try executor.fetch(persistentNames)
      let areWeightsFinite = tensors.values.allSatisfy { $0.elements.allSatisfy(\.isFinite) }
      guard areWeightsFinite, entry.validationDice.allSatisfy(\.isFinite) else {
        throw SegmentationError.diverged(epoch: epoch + 1, iteration: nil)
      }
      record.history.append(entry)
      let checkpoint = Checkpoint(record: record, tensors: tensors)
      try checkpoint.write(to: folder.checkpointPath(.last))
      if record.bestEpoch == epoch { try checkpoint.write(to: folder.checkpointPath(.best)) }
      try observer.epochEnded(entry)
    }
  }

  private func train(_ epoch: Int, _ observer: inout some TrainingObserver) throws -> EpochRecord {
    let options = record.options
    let rate = options.schedule.rate(
      base: options.baseLearningRate, epoch: epoch, epochs: options.epochs)
    let schedule = EpochSchedule(
      caseCount: assembler.cases.count, batchSize: options.batchSize, seed: options.seed, epoch: epoch)
    let clock = ContinuousClock()
    let start = clock.now
    var lossSum = 0.0
    for (iteration, samples) in schedule.batches.enumerated() {
      let step = try step(samples, learningRate: rate)
      guard step.loss.isFinite else {
        throw SegmentationError.diverged(epoch: epoch + 1, iteration: iteration + 1)
      }
      lossSum += step.loss * Double(samples.count)
      try observer.stepEnded(
        TrainingStep(
          epoch: epoch, iteration: iteration, images: samples.count, loss: step.loss,
          gradientNorm: step.gradientNorm, learningRate: rate))
    }
    let seconds = (clock.now - start) / .seconds(1)
    return EpochRecord(
      epoch: epoch, loss: lossSum / Double(assembler.cases.count), learningRate: rate,
      imagesPerSecond: Double(assembler.cases.count) / seconds,
      validationDice: try model.meanSoftDice(validation))
  }

  private func step(
    _ samples: [EpochSchedule.Sample], learningRate: Double
  ) throws -> (loss: Double, gradientNorm: Double) {
    var inputs = assembler.batch(samples)
    inputs["learning_rate"] = Tensor(scalar: Float(learningRate))
    let outputs = try executable(batchSize: samples.count).run(inputs)
    return (Double(outputs["loss"]!.elements[0]), Double(outputs["gradient_norm"]!.elements[0]))
  }

  private func executable(batchSize: Int) throws -> any Executable {
    if let step = steps[batchSize] { return step }
    let step = try executor.compile(try graphs.trainStep(batchSize: batchSize))
    steps[batchSize] = step
    return step
  }

  /// The model with its present weights.
  public func trainedModel() throws -> SegmentationModel {
    try SegmentationModel(record: record, executor: executor)
  }
}

/// One training step, as observers see it.
public struct TrainingStep: Sendable {
  public let epoch: Int
  public let iteration: Int
  public let images: Int
  public let loss: Double
  public let gradientNorm: Double
  public let learningRate: Double
}

/// Follows a training run.
public protocol TrainingObserver {
  mutating func epochBegins(_ epoch: Int)
  mutating func stepEnded(_ step: TrainingStep) throws
  mutating func epochEnded(_ record: EpochRecord) throws
}

extension ModelRecord {
  /// The cases of a data set with the given names.
  func cases(named names: [String], in dataset: MSDDataset) throws -> [Case] {
    let byName = Dictionary(dataset.training.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    return try names.map { name in
      guard let entry = byName[name] else {
        throw SegmentationError.noCases(
          reason: "\(dataset.descriptionPath): the case \(name), which the model was trained with, is not "
            + "listed; give the data set of the training, or evaluate with --split all.")
      }
      return entry
    }
  }

  /// - Throws: `SegmentationError.classMismatch` for a data set with other classes.
  func requireSameClasses(_ dataset: MSDDataset) throws {
    guard dataset.classNames == preparation.classNames else {
      throw SegmentationError.classMismatch(
        dataset: dataset.descriptionPath, found: dataset.classNames, expected: preparation.classNames)
    }
  }

  /// The labelled cases of a data set that a split means.
  public func cases(of split: SplitChoice, in dataset: MSDDataset) throws -> [Case] {
    try requireSameClasses(dataset)
    switch split {
    case .training: return try cases(named: trainingCases, in: dataset)
    case .validation:
      guard !validationCases.isEmpty else {
        throw SegmentationError.noCases(
          reason: "the model was trained on all cases (--train-split 1), so none validates; "
            + "evaluate with --split training or all.")
      }
      return try cases(named: validationCases, in: dataset)
    case .all: return dataset.training
    }
  }
}

/// Which of a data set's labelled cases are meant.
public enum SplitChoice: String, Sendable, CaseIterable {
  case validation
  case training
  case all
}
