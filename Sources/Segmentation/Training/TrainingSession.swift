import Foundation
import MedicalImaging
import Networks
import TensorGraph
import Training

/// A training run: cases in memory, a train step on a device, a folder that receives checkpoints and a log.
///
/// Several replicas share out one run: each has the whole model and a part of the cases, and every step averages
/// their gradients. `run` is then called on all of them, and the first writes.
public final class TrainingSession {
  public let folder: ModelFolder
  public private(set) var record: ModelRecord
  /// Training and validation cases as the data set has them.
  public let split: (training: [Case], validation: [Case])

  private let executor: any Executor
  private let replicas: Replicas
  private let graphs: ModelGraphs
  private let share: CaseShare
  /// This replica's share of the training cases.
  private let assembler: BatchAssembler
  /// This replica's share of the validation cases.
  private let validation: CaseCache
  private let model: SegmentationModel
  private var steps: [Int: any Executable] = [:]
  private let persistentNames: [String]

  /// Prepares a run: divides the cases, reads them, and starts from the seed or from the last checkpoint.
  ///
  /// - Parameters:
  ///   - resume: goes on from the folder's last checkpoint; `options` are then the saved ones, except for the
  ///     number of epochs and the loss scale.
  ///   - halfDType: rewrites the train step for mixed precision; nil leaves it in float32.
  ///   - replicas: the processes that share out the run; the first reads and gives all where to start.
  ///   - cacheByteLimit: of the prepared cases that are kept in each machine's memory; the others are read each time.
  ///   - onCase: called after each case that was read, with the numbers done and in all.
  /// - Throws: one clear error for whatever stands in the way, before anything is written.
  public init(
    dataset: Dataset, folder: ModelFolder, options: TrainingOptions, resume: Bool,
    executor: any Executor, halfDType: DType? = nil, replicas: Replicas = Replicas(),
    cacheByteLimit: Int = CaseCache.defaultByteLimit,
    onCase: (Int, Int) -> Void = { _, _ in }
  ) throws {
    self.folder = folder
    self.executor = executor
    self.replicas = replicas
    let start = try Checkpoint(sharedBy: replicas) {
      try Self.start(dataset, folder, options, resume: resume)
    }
    record = start.record
    executor.adopt(measuredChoices: record.measuredChoices ?? [:])
    record.options.epochs = options.epochs
    record.options.optimizer.lossScale = options.optimizer.lossScale
    guard record.epoch < options.epochs else {
      throw SegmentationError.nothingToTrain(epochs: options.epochs, done: record.epoch)
    }
    split = try Self.cases(dataset, record)
    graphs = try ModelGraphs(
      record.options, halfDType: halfDType,
      dataParallel: replicas.count * executor.deviceCount > 1
        ? DataParallel(compression: record.options.gradientCompression) : nil)
    let (training, preparation) = (split.training, record.preparation)
    guard training.count >= replicas.count else {
      throw SegmentationError.tooManyReplicas(replicas.count, cases: training.count)
    }
    share = CaseShare(
      caseCount: training.count, rank: replicas.rank, of: replicas.count, seed: record.options.seed)
    let ownValidation = replicas.share(of: split.validation)
    let total = share.cases.count + ownValidation.count
    try preparation.requireMemory()
    // Before the scans are read: a network that does not fit is refused at once.
    let batchSizes = Self.stepBatchSizes(share, record.options, executor)
    let executables = try replicas.compile(try batchSizes.map(graphs.trainStep), on: executor)
    steps = Dictionary(uniqueKeysWithValues: zip(batchSizes, executables))
    let cacheByteShare = cacheByteLimit / (try replicas.countOnThisMachine())
    var done = 0
    func cache(_ cases: [Case]) throws -> CaseCache {
      try CaseCache(
        cases, preparation: preparation,
        byteLimit: cacheByteShare * cases.count / max(1, total)
      ) {
        done += 1
        onCase(done, total)
      }
    }
    assembler = try BatchAssembler(
      cases: try cache(share.cases.map { training[$0] }), record: record)
    validation = try cache(ownValidation)
    if replicas.isFirst { try folder.create() }
    persistentNames = start.tensors.keys.sorted()
    try executor.load(start.tensors)
    model = try SegmentationModel(record: record, executor: executor, halfDType: halfDType)
  }

  /// The number of weights that are trained.
  public var trainableParameterCount: Int { (try? graphs.network.trainableParameterCount()) ?? 0 }

  /// The images of an epoch, of all replicas; where batches are filled up, some cases come twice.
  var imagesPerEpoch: Int { schedule(epoch: 0).globalBatchSizes.reduce(0, +) }

  private func schedule(epoch: Int) -> EpochSchedule {
    Self.schedule(share, record.options, executor, epoch: epoch)
  }

  private static func schedule(
    _ share: CaseShare, _ options: TrainingOptions, _ executor: any Executor, epoch: Int
  ) -> EpochSchedule {
    EpochSchedule(
      share: share, options, epoch: epoch, deviceCount: executor.deviceCount,
      isInLockstep: executor.runsInLockstep)
  }

  /// The batch sizes for which steps are compiled, the largest first; of each device.
  private static func stepBatchSizes(
    _ share: CaseShare, _ options: TrainingOptions, _ executor: any Executor
  ) -> [Int] {
    if options.patches != nil { return [options.batchSize] }
    guard executor.deviceCount > 1 || executor.runsInLockstep else {
      return share.batchSizes(upTo: options.batchSize)
    }
    let batches = schedule(share, options, executor, epoch: 0).batches
    return Set(batches.map { max(1, $0.count / executor.deviceCount) }).sorted(by: >)
  }

  // MARK: Running

  /// Trains the epochs that are left; after each one validates and writes the checkpoints.
  ///
  /// - Throws: `SegmentationError.diverged` when a loss, or after an epoch a weight or a prediction, is not finite; the last
  ///   checkpoint is then untouched.
  public func run(reporting observer: inout some TrainingObserver) throws {
    let queue = batchQueue()
    defer { queue.cancel() }
    while record.epoch < record.options.epochs {
      let epoch = record.epoch
      observer.epochBegins(epoch)
      let entry = try train(epoch, queue, &observer)
      let tensors = try executor.fetch(persistentNames)
      let areWeightsFinite = tensors.values.allSatisfy { $0.elements.allSatisfy(\.isFinite) }
      guard areWeightsFinite, entry.validationDice.allSatisfy(\.isFinite) else {
        throw SegmentationError.diverged(epoch: epoch + 1, iteration: nil)
      }
      record.history.append(entry)
      if replicas.isFirst { try writeCheckpoints(tensors) }
      try observer.epochEnded(entry)
    }
  }

  private func writeCheckpoints(_ tensors: [String: Tensor]) throws {
    record.measuredChoices = executor.measuredChoices
    let checkpoint = Checkpoint(record: record, tensors: tensors)
    try checkpoint.write(to: folder.checkpointPath(.last))
    if record.bestEpoch == record.epoch - 1 { try checkpoint.write(to: folder.checkpointPath(.best)) }
  }

  /// The batches of the epochs that are left.
  private func batchQueue() -> BatchQueue {
    let (share, options, firstEpoch, assembler) = (share, record.options, record.epoch, assembler)
    let (deviceCount, isInLockstep) = (executor.deviceCount, executor.runsInLockstep)
    let stepsPerEpoch = schedule(epoch: firstEpoch).batches.count
    return BatchQueue(count: stepsPerEpoch * (options.epochs - firstEpoch)) { index in
      let schedule = EpochSchedule(
        share: share, options, epoch: firstEpoch + index / stepsPerEpoch, deviceCount: deviceCount,
        isInLockstep: isInLockstep)
      let samples = schedule.batches[index % stepsPerEpoch]
      // A replica or a device without samples takes part with one of its cases.
      let standIn = samples.first ?? EpochSchedule.Sample(caseIndex: 0, seed: 0)
      let missing = max(0, deviceCount - samples.count)
      return try assembler.batch(samples + Array(repeating: standIn, count: missing))
    }
  }

  private func train(
    _ epoch: Int, _ queue: BatchQueue, _ observer: inout some TrainingObserver
  ) throws -> EpochRecord {
    let options = record.options
    let schedule = schedule(epoch: epoch)
    let stepsPerEpoch = schedule.batches.count
    let waitedBefore = queue.waiting
    let clock = ContinuousClock()
    let start = clock.now
    var (lossSum, imageCount, rate) = (0.0, 0, 0.0)
    // The step that was started last: the device has the next one to go on with when this one's loss is asked for.
    var started: (() throws -> TrainingStep)?
    func finish() throws {
      guard let step = try started?() else { return }
      // A dynamic loss scale answers to an overflow by itself.
      guard step.loss.isFinite || options.optimizer.lossScale == .dynamic else {
        throw SegmentationError.diverged(epoch: epoch + 1, iteration: step.iteration + 1)
      }
      if step.loss.isFinite { lossSum += step.loss * Double(step.images) }
      try observer.stepEnded(step)
    }
    for (iteration, samples) in schedule.batches.enumerated() {
      let images = schedule.globalBatchSizes[iteration]
      rate = options.learningRate(
        step: epoch * stepsPerEpoch + iteration, stepsPerEpoch: stepsPerEpoch,
        replicas: replicas.count * executor.deviceCount)
      imageCount += images
      let next = try startStep(
        try queue.next(), sampleCount: samples.count, of: images, epoch: epoch, iteration: iteration,
        learningRate: rate)
      try finish()
      started = next
    }
    try finish()
    let seconds = (clock.now - start) / .seconds(1)
    try averageMovingStatistics()
    return EpochRecord(
      epoch: epoch, loss: lossSum / Double(imageCount), learningRate: rate,
      imagesPerSecond: Double(imageCount) / seconds,
      waitingSeconds: (queue.waiting - waitedBefore) / .seconds(1),
      validationDice: options.validates(afterEpoch: epoch) ? try validationDice() : [])
  }

  /// Starts a step on a batch of this replica, which counts as `sampleCount` out of `images` of all replicas. Returns what
  /// waits for its end.
  ///
  /// A replica or a device without samples takes part at weight 0; a replica then keeps its moving statistics.
  private func startStep(
    _ batch: [String: Tensor], sampleCount: Int, of images: Int, epoch: Int, iteration: Int,
    learningRate: Double
  ) throws -> () throws -> TrainingStep {
    var inputs = batch
    inputs["learning_rate"] = Tensor(scalar: Float(learningRate))
    if graphs.dataParallel != nil {
      inputs[ModelGraphs.replicaWeightName] = replicaWeights(sampleCount: sampleCount, of: images)
    }
    let statistics = sampleCount == 0 ? try executor.fetch(try movingStatistics()) : [:]
    let finish = try executable(batchSize: max(1, sampleCount / executor.deviceCount)).start(inputs)
    try executor.load(statistics)
    return {
      let outputs = try finish()
      func scalar(_ name: String) -> Double? { outputs[name].map { Double($0.elements[0]) } }
      return TrainingStep(
        epoch: epoch, iteration: iteration, images: images, loss: scalar("loss")!,
        gradientNorm: scalar("gradient_norm")!, learningRate: learningRate, lossScale: scalar("loss_scale"))
    }
  }

  /// What the samples of each device count in the mean over all replicas: one number, or one for each device.
  private func replicaWeights(sampleCount: Int, of images: Int) -> Tensor {
    let devices = executor.deviceCount
    let weights = (0..<devices).map { device in
      // Where there are fewer samples than devices, the first devices have one each.
      let own = sampleCount >= devices ? sampleCount / devices : device < sampleCount ? 1 : 0
      return Float(own * devices * replicas.count) / Float(images)
    }
    return devices == 1 ? Tensor(scalar: weights[0]) : Tensor([devices], weights)
  }

  private func executable(batchSize: Int) throws -> any Executable {
    if let step = steps[batchSize] { return step }
    let step = try executor.compile(try graphs.trainStep(batchSize: batchSize))
    steps[batchSize] = step
    return step
  }

  // MARK: Replicas

  /// The names of batch norm's moving statistics, which depend on a replica's own batches, and of their averages.
  private func movingStatistics() throws -> [String] {
    let names = try graphs.network.parameters().filter { $0.kind == .state }.map(\.name)
    return graphs.average == nil ? names : names + names.map(WeightAverage.name)
  }

  private func averageMovingStatistics() throws {
    guard replicas.count * executor.deviceCount > 1 else { return }
    try executor.load(try replicas.mean(of: try executor.fetch(try movingStatistics())))
  }

  /// The mean soft Dice of each class over the validation cases of all replicas; empty without any.
  private func validationDice() throws -> [Double] {
    var own: [[Double]] = []
    for start in stride(from: 0, to: validation.count, by: record.options.batchSize) {
      let batch = start..<min(start + record.options.batchSize, validation.count)
      own += try model.softDice(of: try batch.map(validation.preparedCase))
    }
    let cases = try replicas.joined(own)
    guard let classCount = cases.first?.count else { return [] }
    return (0..<classCount).map { label in cases.reduce(0) { $0 + $1[label] } / Double(cases.count) }
  }

  /// The model with its present weights.
  public func trainedModel() throws -> SegmentationModel {
    try SegmentationModel(record: record, executor: executor, halfDType: graphs.halfDType)
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
  /// The loss scale of this step; nil without one.
  public let lossScale: Double?

  /// Whether the step changed nothing because a gradient was not finite.
  public var wasSkipped: Bool { lossScale != nil && !gradientNorm.isFinite }
}

/// Follows a training run.
public protocol TrainingObserver {
  mutating func epochBegins(_ epoch: Int)
  mutating func stepEnded(_ step: TrainingStep) throws
  mutating func epochEnded(_ record: EpochRecord) throws
}

/// An observer that may be missing: replicas other than the first have none.
extension Optional: TrainingObserver where Wrapped: TrainingObserver {
  public mutating func epochBegins(_ epoch: Int) { self?.epochBegins(epoch) }
  public mutating func stepEnded(_ step: TrainingStep) throws { try self?.stepEnded(step) }
  public mutating func epochEnded(_ record: EpochRecord) throws { try self?.epochEnded(record) }
}

extension ModelRecord {
  /// The cases of a data set with the given names.
  func cases(named names: [String], in dataset: Dataset) throws -> [Case] {
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
  func requireSameClasses(_ dataset: Dataset) throws {
    guard dataset.classNames == preparation.classNames else {
      throw SegmentationError.classMismatch(
        dataset: dataset.descriptionPath, found: dataset.classNames, expected: preparation.classNames)
    }
  }

  /// The labelled cases of a data set that a split means.
  public func cases(of split: SplitChoice, in dataset: Dataset) throws -> [Case] {
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
