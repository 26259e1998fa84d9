import MedicalImaging
import Training

// What a run starts from.
extension TrainingSession {
  /// Where a run starts: the folder's last checkpoint, or a new record with tensors from its seed.
  static func start(
    _ dataset: Dataset, _ folder: ModelFolder, _ options: TrainingOptions, resume: Bool
  ) throws -> Checkpoint {
    guard resume else {
      if folder.holdsModel { throw SegmentationError.modelExists(folder: folder.path) }
      let record = try newRecord(dataset, options)
      let graphs = try ModelGraphs(record.options, halfDType: nil)
      return Checkpoint(record: record, tensors: try graphs.initialTensors(seed: record.options.seed))
    }
    var checkpoint = try Checkpoint(folder)
    // A run that had no loss scale may go on with one.
    checkpoint.tensors.merge(options.optimizer.lossScale.initialTensors) { saved, _ in saved }
    var continued = checkpoint.record.options
    continued.optimizer.lossScale = options.optimizer.lossScale
    try checkpoint.requireTensors(
      of: try ModelGraphs(continued, halfDType: nil).trainStep(batchSize: 1),
      path: folder.checkpointPath(.last))
    return checkpoint
  }

  /// The record of a run that begins: the data set decides on classes and channels.
  static func newRecord(_ dataset: Dataset, _ options: TrainingOptions) throws -> ModelRecord {
    var options = options
    options.network.inputChannels = dataset.channelNames.count
    options.network.classCount = dataset.classNames.count
    let plan = try plan(dataset, &options)
    try options.network.validate()
    let (weightCount, classCount) = (options.lossSettings?.classWeights.count ?? 0, dataset.classNames.count)
    guard weightCount == 0 || weightCount == classCount else {
      throw SegmentationError.wrongClassWeights(found: weightCount, expected: classCount)
    }
    let split = try options.split(dataset.training)
    return ModelRecord(
      options: options,
      preparation: try Preparation(
        dataset: dataset, training: split.training, gridShape: options.network.inputShape,
        spacing: plan?.spacing, normalization: options.normalization),
      datasetName: dataset.name, trainingCases: split.training.map(\.name),
      validationCases: split.validation.map(\.name), plan: plan)
  }

  /// Plans the patches of a run and takes the plan over into its options; nil for a run on whole grids.
  static func plan(_ dataset: Dataset, _ options: inout TrainingOptions) throws -> TrainingPlan? {
    guard let patches = options.patches else { return nil }
    try options.network.validateAllButShape()
    guard options.network.keepsGrid else { throw SegmentationError.patchesNeedPadding }
    let plan = TrainingPlan(
      try DatasetFingerprint(dataset), for: options.network, wishes: patches.wishes)
    options.network.inputShape = plan.patchShape
    options.batchSize = plan.batchSize
    return plan
  }

  /// The data set's cases that a record names.
  static func cases(_ dataset: Dataset, _ record: ModelRecord) throws -> ([Case], [Case]) {
    try record.requireSameClasses(dataset)
    return (
      try record.cases(named: record.trainingCases, in: dataset),
      try record.cases(named: record.validationCases, in: dataset)
    )
  }
}
