import MedicalImaging
import TensorGraph
import Training

// What a run starts from.
extension TrainingSession {
  /// Where a run starts: the folder's last checkpoint, or a new record with tensors from its seed; the number of epochs
  /// and the loss scale are those of `options` in either case. The first replica reads for all.
  static func start(
    _ survey: DatasetSurvey, _ folder: ModelFolder, _ options: TrainingOptions, resume: Bool,
    from initialModel: InitialModel?, sharedBy replicas: Replicas
  ) throws -> Checkpoint {
    var start = try Checkpoint(sharedBy: replicas) {
      resume ? try resumed(folder, options) : try begun(survey, folder, options, from: initialModel)
    }
    try start.record.requireSameNames(as: survey.dataset)
    // A run that begins has what was planned.
    if resume { start.record.options.epochs = options.epochs }
    start.record.options.patience = options.patience
    start.record.options.lossScale = options.lossScale
    guard start.record.epoch < start.record.options.epochs else {
      throw SegmentationError.nothingToTrain(epochs: options.epochs, done: start.record.epoch)
    }
    return start
  }

  private static func begun(
    _ survey: DatasetSurvey, _ folder: ModelFolder, _ options: TrainingOptions,
    from initialModel: InitialModel?
  ) throws -> Checkpoint {
    try folder.requireNoModel()
    var record = try newRecord(survey, options)
    let graphs = try ModelGraphs(record.options)
    guard let initialModel else {
      return Checkpoint(record: record, tensors: try graphs.initialTensors(seed: record.options.seed))
    }
    let start = try initialModel.start(of: record)
    record.origin = start.origin
    return Checkpoint(record: record, tensors: try graphs.initialTensors(start.tensors))
  }

  private static func resumed(_ folder: ModelFolder, _ options: TrainingOptions) throws -> Checkpoint {
    var checkpoint = try Checkpoint(folder)
    // A run that had no loss scale may go on with one.
    checkpoint.tensors.merge(options.lossScale.initialTensors) { saved, _ in saved }
    var continued = checkpoint.record.options
    continued.lossScale = options.lossScale
    try checkpoint.requireTensors(
      of: try ModelGraphs(continued).trainStep(batchSize: 1), path: folder.checkpointPath(.last))
    return checkpoint
  }

  /// The record of a run that begins: the data set decides on classes and channels.
  static func newRecord(_ survey: DatasetSurvey, _ options: TrainingOptions) throws -> ModelRecord {
    let dataset = survey.dataset
    try dataset.requireDistinctCases()
    try dataset.requireFiles()
    var options = options
    options.network.inputChannels = dataset.channelNames.count
    options.network.classCount = dataset.classNames.count
    options.network.targets = dataset.labels.targets
    let subjects = try SubjectGroups(dataset, pattern: options.subjectPattern)
    let split = try options.split(dataset, subjects)
    var plan = try plan(survey, split.training, &options)
    try options.network.validate()
    let weightCount = options.loss.classWeights.count
    guard weightCount == 0 || weightCount == dataset.classNames.count else {
      throw SegmentationError.wrongClassWeights(found: weightCount, names: dataset.classNames)
    }
    plan?.length = planLength(caseCount: split.training.count, &options)
    var record = ModelRecord(
      options: options,
      preparation: try Preparation(
        survey: survey, training: split.training, gridShape: options.network.inputShape,
        spacing: plan?.spacing, normalization: options.normalization, orientation: options.orientation),
      datasetName: dataset.name, trainingCases: split.training.map(\.name),
      validationCases: split.validation.map(\.name), plan: plan,
      trainingGrids: try survey.grids(of: split.training).facts(options.orientation),
      subjectCount: subjects.joinsCases ? subjects.groups.count : nil)
    record.isAnonymous = dataset.isAnonymous ? true : nil
    return record
  }

  /// Plans the patches of a run and takes the plan over into its options; nil for a run on whole grids.
  ///
  /// - Parameter training: the cases that train, which alone decide.
  static func plan(
    _ survey: DatasetSurvey, _ training: [Case], _ options: inout TrainingOptions
  ) throws -> TrainingPlan? {
    guard var patches = options.sampling.patches else { return nil }
    try options.network.validateAllButShape()
    guard options.network.keepsGrid else { throw SegmentationError.patchesNeedPadding }
    let plan = TrainingPlan(
      try DatasetFingerprint(survey, of: training, options.orientation), for: options.network,
      wishes: patches.wishes, mirroredAxes: patches.augmentation.spatial.mirroredAxes)
    options.network.inputShape = plan.patchShape
    options.batchSize = plan.batchSize
    patches.augmentation.mirror(along: plan.mirroredAxes ?? [])
    options.sampling.patches = patches
    return plan
  }

  /// Plans how long a run on patches is and takes that over into its options; nil for a run on whole grids.
  private static func planLength(caseCount: Int, _ options: inout TrainingOptions) -> RunLength? {
    guard let patches = options.sampling.patches else { return nil }
    let length = RunLength(
      caseCount: caseCount, patches, batchSize: options.batchSize,
      batchVoxels: options.network.inputShape.reduce(options.batchSize, *), epochs: options.epochs,
      warmUpSteps: options.warmUpSteps)
    options.epochs = length.epochs
    options.warmUpSteps = length.warmUpSteps
    return length
  }

  /// The data set's cases that a record names.
  static func cases(_ dataset: Dataset, _ record: ModelRecord) throws -> ([Case], [Case]) {
    try record.requireSameClasses(dataset)
    return (
      try record.cases(named: record.trainingCases, in: dataset),
      try record.cases(named: record.validationCases, in: dataset)
    )
  }

  /// - Parameter replicaCount: processes times devices.
  static func graphs(
    _ options: TrainingOptions, _ halfDType: DType?, _ replicaCount: Int
  ) throws -> ModelGraphs {
    try ModelGraphs(
      options, halfDType: halfDType,
      dataParallel: replicaCount > 1 ? DataParallel(compression: options.gradientCompression) : nil)
  }

  /// - Throws: `SegmentationError.tooManyReplicas` where some replica would have no case.
  static func schedule(
    _ caseCount: Int, _ options: TrainingOptions, _ executor: any Executor, _ replicas: Replicas
  ) throws -> RunSchedule {
    guard caseCount >= replicas.count else {
      throw SegmentationError.tooManyReplicas(replicas.count, cases: caseCount)
    }
    return RunSchedule(
      share: CaseShare(caseCount: caseCount, rank: replicas.rank, of: replicas.count, seed: options.seed),
      options: options, deviceCount: executor.deviceCount, isInLockstep: executor.runsInLockstep)
  }
}
