import Foundation
import MedicalImaging
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
  private let schedule: RunSchedule
  private let step: TrainStep
  private let assembler: BatchAssembler
  private let validation: Validation
  private var timer: CheckpointTimer
  private var writer: CheckpointWriter
  /// Of the first replica, as long as the session lives.
  private let lock: TrainingLock?

  /// Prepares a run: divides the cases, reads them, and starts from the seed or from the last checkpoint.
  ///
  /// - Parameters:
  ///   - survey: of the data set; runs that share one, such as the folds of a cross-validation, read its cases once.
  ///   - folder: that receives checkpoints.
  ///   - options: how the model is trained.
  ///   - resume: goes on from the folder's last checkpoint; `options` are then the saved ones, except for the
  ///     number of epochs and the loss scale.
  ///   - initialModel: whose weights a run that begins starts from, in place of the seed; only the first replica reads it.
  ///   - executor: the device, which holds the weights from here on.
  ///   - halfDType: rewrites the train step for mixed precision; nil leaves it in float32.
  ///   - replicas: the processes that share out the run; the first reads and gives all where to start.
  ///   - cacheByteLimit: of the prepared cases that are kept in each machine's memory; the others are read each time.
  ///   - checkpointInterval: from one checkpoint to the next within an epoch; nil for checkpoints after epochs only, which is
  ///     all that several replicas or devices write, since each has moving statistics of its own until the epoch's end.
  ///   - keptCheckpoints: how many checkpoints from before the last stay in the folder, each after another epoch.
  ///   - note: called with a sentence that the user should see.
  ///   - onCase: called after each case that was read, with the numbers done and in all.
  /// - Throws: one clear error for whatever stands in the way, another training in the folder among it; the folder is then as
  ///   it was.
  public init(
    survey: DatasetSurvey, folder: ModelFolder, options: TrainingOptions, resume: Bool,
    startingFrom initialModel: InitialModel? = nil, executor: any Executor, halfDType: DType? = nil,
    replicas: Replicas = Replicas(),
    cacheByteLimit: Int = CaseCache.defaultByteLimit,
    checkpointInterval: Duration? = nil, keptCheckpoints: Int = 0,
    note: (String) -> Void = { _ in }, onCase: (Int, Int) -> Void = { _, _ in }
  ) throws {
    (self.folder, self.executor, self.replicas) = (folder, executor, replicas)
    lock = replicas.isFirst ? try TrainingLock(folder, note: note) : nil
    let start = try Self.start(
      survey, folder, options, resume: resume, from: initialModel, sharedBy: replicas)
    record = start.record
    let isShared = replicas.count * executor.deviceCount > 1
    timer = CheckpointTimer(every: isShared ? nil : checkpointInterval)
    if isShared, record.partialEpoch != nil {
      record.partialEpoch = nil
      let epoch = record.epoch + 1
      if replicas.isFirst { note("epoch \(epoch), begun by one process on one device, begins anew.") }
    }
    executor.adopt(measuredChoices: record.measuredChoices)
    split = try Self.cases(survey.dataset, record)
    graphs = try Self.graphs(record.options, halfDType, replicas.count * executor.deviceCount)
    schedule = try Self.schedule(split.training.count, record.options, executor, replicas)
    try record.preparation.requireMemory()
    // Before the scans are read: a network that does not fit is refused at once.
    step = try TrainStep(
      graphs, batchSizes: schedule.batchSizes, on: executor, sharedBy: replicas)
    let training = split.training
    let cases = try RunCases(
      training: schedule.share.cases.map { training[$0] },
      validation: replicas.share(of: split.validation), preparation: record.preparation,
      byteLimit: cacheByteLimit / (try replicas.countOnThisMachine()), onCase: onCase)
    assembler = try BatchAssembler(cases: cases.training, record: record)
    try executor.load(start.tensors)
    writer = CheckpointWriter(
      folder: folder, executor: executor, names: start.tensors.keys.sorted(), startingFrom: start.record,
      keptCount: keptCheckpoints)
    validation = Validation(
      cases: cases.validation,
      predictor: Predictor(try SegmentationModel(record: record, executor: executor, halfDType: halfDType)),
      replicas: replicas)
  }

  /// The number of weights that are trained.
  public var trainableParameterCount: Int { (try? graphs.network.trainableParameterCount()) ?? 0 }

  /// The steps of an epoch.
  public var stepsPerEpoch: Int { schedule.stepsPerEpoch }

  /// The images of an epoch, of all replicas; where batches are filled up, some cases come twice.
  var imagesPerEpoch: Int { schedule.imagesPerEpoch }

  /// Trains the epochs that are left, or fewer where somebody stops it or the patience ends; after each one validates and writes
  /// the checkpoints.
  ///
  /// - Returns: why it ended.
  /// - Throws: `SegmentationError.diverged` when a loss, or after an epoch a weight or a prediction, is not finite; the last
  ///   checkpoint is then untouched.
  @discardableResult
  public func run(reporting observer: inout some TrainingObserver) throws -> TrainingEnd {
    let batches = BatchQueue(
      assembler, schedule, fromEpoch: record.epoch, after: record.partialEpoch?.stepCount ?? 0)
    defer { batches.cancel() }
    record.machine = TrainingMachine(executor)
    while record.epoch < record.options.epochs {
      observer.epochBegins(record.epoch)
      let epoch = Epoch(
        index: record.epoch, options: record.options, schedule: schedule.epoch(record.epoch),
        replicaCount: replicas.count * executor.deviceCount, done: record.partialEpoch ?? PartialEpoch())
      var entry = try epoch.run(
        step, batches, &observer, isCheckpointDue: { timer.isDue }, checkpoint: writePartial)
      if record.options.validates(afterEpoch: record.epoch) {
        entry.validationDice = try validation.softDice()
        entry.areRegions = record.preparation.labels.hasRegions ? true : nil
      }
      let tensors = try writer.tensors(after: entry)
      record.partialEpoch = nil
      record.history.append(entry)
      record.measuredChoices = executor.measuredChoices
      if replicas.isFirst { try writer.write(Checkpoint(record: record, tensors: tensors)) }
      timer.restart()
      try observer.epochEnded(entry)
      if let end = try replicas.fromFirst({ earlyEnd() }) { return end }
    }
    return .epochsDone
  }

  /// Why training ends before its last epoch; nil where it goes on. A file that asks for it is removed.
  private func earlyEnd() -> TrainingEnd? {
    guard record.epoch < record.options.epochs else { return nil }
    if unlink(folder.stopPath) == 0 { return .stopFile(path: folder.stopPath) }
    return record.exhaustedPatience.map { .noBetterEpoch(since: $0) }
  }

  private func writePartial(_ partial: PartialEpoch) throws {
    record.partialEpoch = partial
    record.measuredChoices = executor.measuredChoices
    try writer.writePartial(record)
    timer.restart()
  }

  /// The slice with the most truth of the first validation case, in the scan's own geometry: scan, truth, and what the present
  /// weights make of it; nil where no case validates. The scan is read anew, and predicted.
  package func validationSlice() throws -> (caseName: String, picture: Picture)? {
    guard let first = split.validation.first else { return nil }
    let scan = try LabelledScan(first, preparation: record.preparation)
    let labels = record.preparation.labels
    let overlay = SliceOverlay(
      scan: scan.volume.volume(), truth: labels.painted(scan.labels),
      prediction: labels.painted(try validation.predictor.indices(of: scan.scan)),
      order: scan.axisOrder)
    return (first.name, overlay.picture)
  }

  /// The model with its present weights.
  public func trainedModel() throws -> SegmentationModel {
    try SegmentationModel(record: record, executor: executor, halfDType: graphs.halfDType)
  }
}
