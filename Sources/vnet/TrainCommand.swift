import ArgumentParser
import Foundation
import Interchange
import MPICollectives
import MedicalImaging
import Networks
import PlainText
import Segmentation
import TensorGraph
import Training

struct TrainCommand: ReplicatedCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train a model on the labelled cases of a data set.",
    discussion: """
      The model's folder receives last.safetensors after every epoch, best.safetensors after the epoch that did \
      best on the validation cases, and log.jsonl.

      --preset accurate plans patches from the data, trains on them with strong augmentation, and prints the plan. \
      --folds 5 trains each fold of a cross-validation into a folder of its own below --model-dir.

      'mpirun -np N vnet train ...' trains on N processes: each takes --batch-size cases per step, out of its share \
      of the training cases, and all average their gradients.

      'vnet train --help-all' also shows the options of the recipe, the network, precision and devices. The model's folder \
      also receives config.yaml, by which --config repeats the training.

      vnet train --data-dir data --model-dir model --evaluate
      vnet train --data-dir data --model-dir model --preset accurate --folds 5
      """)

  @Option(help: "Folder of the model; made if need be.")
  var modelDir: String

  @Option(help: "Network and defaults: hippocampus, accurate, fast, milletari or unpadded.")
  var preset: Preset?

  @Option(
    help: ArgumentHelp(
      "Cases per step, of each process "
        + "(\(presetDefaults { $0.sampling.patches == nil ? "\($0.batchSize)" : "planned" }))."))
  var batchSize: Int?

  @Option(
    help: ArgumentHelp(
      "Passes over the training cases, in all "
        + "(\(presetDefaults { "\($0.sampling.patches == nil ? "" : "planned, at most ")\($0.epochs)" })).")
  )
  var epochs: Int?

  @Option(
    help: ArgumentHelp(
      "Optimiser; rmsprop is TensorFlow 1's, centred (\(presetDefaults { $0.optimizer.name.rawValue })).",
      visibility: .hidden))
  var optimizer: OptimizerName?

  @Option(help: ArgumentHelp("Learning rate (\(presetDefaults { numeral($0.baseLearningRate) }))."))
  var baseLr: Double?

  @Option(
    help: ArgumentHelp(
      "Course of the learning rate (\(presetDefaults { $0.schedule.rawValue })).", visibility: .hidden))
  var lrSchedule: LearningRateSchedule?

  @Option(
    help: ArgumentHelp(
      "Momentum of rmsprop or sgd; sgd's is Nesterov's (\(numeral(Optimizer(.sgd).momentum!))).",
      visibility: .hidden))
  var momentum: Double?

  @Option(
    help: ArgumentHelp(
      "Bound on the gradients' global norm, or none "
        + "(\(presetDefaults { $0.clipNorm.map(numeral) ?? "none" })).", visibility: .hidden))
  var clipNorm: ClipNorm?

  @Option(
    help: ArgumentHelp(
      "Share of the labelled cases that trains; the rest validates "
        + "(\(presetDefaults { numeral($0.trainingFraction) }))."))
  var trainSplit: Double?

  @Option(
    help: ArgumentHelp(
      "Seed of the division into training and validation cases (\(presetDefaults { "\($0.splitSeed)" }))."))
  var splitSeed: UInt64?

  @Option(
    help: ArgumentHelp(
      "Seed of initialisation, order and augmentation (\(presetDefaults { "\($0.seed)" }))."))
  var seed: UInt64?

  @Flag(
    help: ArgumentHelp(
      "Multiply the learning rate by the number of processes or devices.", visibility: .hidden))
  var scaleLr = false

  @Flag(help: "Also write event files for TensorBoard, into the model folder's tensorboard/.")
  var tensorboard = false

  @Option(help: ArgumentHelp("Steps between two lines of the log.", visibility: .hidden))
  var logEvery = 10

  @Flag(
    help: "Go on from the folder's last checkpoint; begin where there is none, do nothing where all is done.")
  var resume = false

  @Option(
    help: ArgumentHelp(
      "End where so many epochs have passed since the best one on the validation cases. A file named stop in the model's folder "
        + "ends training after its epoch, too.", valueName: "epochs"))
  var patience: Int?

  @Flag(help: "Evaluate the validation cases at the end, and write report.html.")
  var evaluate = false

  @Flag(help: "Predict the data set's test cases at the end, into the model folder's predictions/.")
  var predict = false

  @Flag(
    help: "Store no names of the data set and its cases, and no paths: cases are called case-0001 and so on.")
  var anonymous = false

  @Flag(
    help:
      "Tell the plan, the steps, the memory and the time of an epoch, by some steps on made-up data; train and write nothing."
  )
  var dryRun = false

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var pictures: PictureOptions

  @Option(
    help: ArgumentHelp(
      "Loss scale: dynamic, none or a number (dynamic with fp16, none otherwise; also none with "
        + "TF_ENABLE_AUTO_MIXED_PRECISION_LOSS_SCALING=0).", valueName: "scale", visibility: .hidden))
  var lossScale: LossScale?

  @OptionGroup(title: "Data set") var data: DatasetOptions
  @OptionGroup var maskGeometry: MaskGeometryOptions
  @OptionGroup var scans: ScanOptions
  @OptionGroup var printing: QuietOption
  @OptionGroup(title: "Cross-validation") var crossValidation: CrossValidationOptions
  @OptionGroup(title: "Fine-tuning") var fineTuning: FineTuningOptions
  @OptionGroup(title: "Checkpoints", visibility: .hidden) var checkpoints: CheckpointOptions
  @OptionGroup(title: "Loss", visibility: .hidden) var loss: LossOptions
  @OptionGroup(title: "Recipe", visibility: .hidden) var recipe: RecipeOptions
  @OptionGroup(title: "Mixed precision", visibility: .hidden) var precision: PrecisionOptions
  @OptionGroup(title: "Structure", visibility: .hidden) var structure: StructureOptions
  @OptionGroup(title: "Several processes", visibility: .hidden) var replica: ReplicaOptions
  @OptionGroup(title: "Device", visibility: .hidden) var device: DeviceOptions

  func validate() throws {
    try require(batchSize, "--batch-size", 1...4096)
    try require(epochs, "--epochs", 1...1_000_000)
    try require(patience, "--patience", 1...1_000_000)
    guard !dryRun || !(evaluate || predict) else {
      throw ValidationError(
        "--dry-run trains no model to evaluate or to predict with; leave one of them out.")
    }
    guard patience == nil || trainSplit != 1 else {
      throw ValidationError(
        "--patience waits for the cases that validate, and with --train-split 1 none does; leave one of them out."
      )
    }
    try require(logEvery, "--log-every", 1...1_000_000_000)
    guard !pictures.noPictures || evaluate || tensorboard else {
      throw ValidationError(
        "--no-pictures is for the report of --evaluate and for --tensorboard; leave it out, or give one of them."
      )
    }
    guard !anonymous || (crossValidation.splits == nil && crossValidation.subjectPattern == nil) else {
      throw ValidationError(
        "--splits and --subject-pattern go by names, which --anonymous keeps out of the model; leave one of them out, or "
          + "give a list of cases with a column split, fold or subject.")
    }
    guard trainSplit == nil || crossValidation.folds == nil else {
      throw ValidationError(
        "--train-split is for one division, and --folds divides otherwise; leave one of them out.")
    }
    guard crossValidation.splits == nil || (trainSplit == nil && splitSeed == nil) else {
      throw ValidationError(
        "--train-split and --split-seed are for divisions at random, and --splits divides otherwise; leave them out."
      )
    }
    guard !evaluate || trainSplit != 1 else {
      throw ValidationError(
        "--evaluate measures the cases that validate, and with --train-split 1 none does; leave one of them out."
      )
    }
    if let baseLr, !(baseLr > 0 && baseLr.isFinite) {
      throw ValidationError("--base-lr \(baseLr) is not possible; take a positive number such as 0.0001.")
    }
    if let momentum, !(0..<1).contains(momentum) {
      throw ValidationError("--momentum \(momentum) is not possible; take 0 or more and less than 1.")
    }
    if let trainSplit, !(trainSplit > 0 && trainSplit <= 1) {
      throw ValidationError("--train-split \(trainSplit) is not possible; take more than 0 and at most 1.")
    }
  }

  func run(on world: MPIWorld?) throws {
    let replicas = Replicas(world)
    try replica.requireReplicas(world, device)
    // Before anything is opened or read: an option that does not apply is refused at once.
    let planned = try plannedRuns(replicas)
    let dataset = maskGeometry.applied(to: try data.dataset(), saysSo: replicas.isFirst)
    let survey = DatasetSurvey(
      anonymous ? dataset.anonymized() : dataset,
      notANumber: planned[0].options.notANumber.map { Float($0) })
    print(survey.dataset.summary.printable)
    let runs = try planned.map { try divided($0, as: survey.dataset, replicas) }
    if replicas.isFirst { noteRemarks(DatasetVerification.listProblems(survey.dataset)) }
    let executors = try device.executors(on: world)
    for run in runs {
      if let fold = run.fold { print("fold \(fold), into \(run.folder.path)") }
      if run.isDone {
        print(
          run.fold == nil
            ? "the model is trained already: nothing is left to do" : "this fold is trained already")
        if evaluate || predict {
          try useTrainedModel(of: run, survey.dataset, try executors(), replicas)
        }
      } else if dryRun {
        try foretell(run, survey, try executors())
      } else {
        try train(run, survey, try executors(), replicas)
      }
    }
    if !evaluate, !dryRun {
      suggest("evaluate", repeating: dataOptions(of: "evaluate"), "--model-dir", modelDir)
    }
  }

  /// Trains one model.
  private func train(
    _ run: PlannedRun, _ survey: DatasetSurvey, _ executor: any Executor, _ replicas: Replicas
  ) throws {
    let dataset = survey.dataset
    let decision = try precision.decision(on: executor, lossScale: lossScale)
    var options = run.options
    options.lossScale = decision.lossScale
    try Agreement(options, decision, dataset).require(of: replicas)
    print(
      "\(dataset.name.printable): \(counted(dataset.training.count, "labelled case")), "
        + "\(dataset.labels.hasRegions ? "regions" : "classes") \(dataset.labels)".printable)
    var reading = ReadingProgress()
    let session = try TrainingSession(
      survey: survey, folder: run.folder, options: options, resume: run.resumes,
      startingFrom: run.resumes ? nil : fineTuning.initialModel, executor: executor,
      halfDType: decision.halfDType, replicas: replicas, cacheByteLimit: recipe.cacheByteLimit,
      checkpointInterval: checkpoints.checkpointEvery.duration, keptCheckpoints: checkpoints.keep,
      note: { standardErrorLine("Note: \($0.printable)") },
      onCase: { if replicas.isFirst { reading.show($0, of: $1) } })
    if replicas.isFirst { try keepConfiguration(of: run) }
    describe(session, executor, replicas)
    if replicas.isFirst { noteRemarks(session.record.leftOut(of: dataset)) }
    print(decision.summary)
    let log =
      replicas.isFirst
      ? try TrainingLog(
        session, device: executor.summary, precision: decision.summary,
        replicaCount: replicas.count * executor.deviceCount, logEvery: logEvery,
        // mpirun shows its processes a terminal even where its own output is a file.
        output: .standardOutput(isTerminal: replicas.count == 1 && isatty(STDOUT_FILENO) == 1))
      : nil
    var observer = RunObserver(
      log: log,
      board: tensorboard && replicas.isFirst
        ? try TensorBoardLog(session, logEvery: logEvery, showsPictures: !pictures.noPictures) : nil)
    let interruption = Interruption(printsAdvice: replicas.isFirst)
    let end = try session.run(reporting: &observer)
    interruption.end()
    if end != .epochsDone { print(end.summary(after: session.record.epoch)) }
    print("checkpoint \(run.folder.checkpointPath(.last))")
    if let sentence = session.record.checkpointChoice(in: run.folder) { print(sentence) }
    try use(Predictor(try session.trainedModel()), of: run.folder, dataset, replicas, log)
  }

  /// Evaluates and predicts by a model that was trained before.
  private func useTrainedModel(
    of run: PlannedRun, _ dataset: Dataset, _ executor: any Executor, _ replicas: Replicas
  ) throws {
    let decision = try precision.decision(on: executor, lossScale: lossScale)
    let models = try TrainedModels(in: [run.folder], replicas: replicas) {
      TrainedModels.Device(executor: executor, halfDType: decision.halfDType)
    }
    try use(Predictor(models.models[0]), of: run.folder, dataset, replicas)
  }

  /// Evaluates and predicts, as far as that is asked for.
  private func use(
    _ predictor: Predictor, of folder: ModelFolder, _ dataset: Dataset, _ replicas: Replicas,
    _ log: TrainingLog? = nil
  ) throws {
    if evaluate { try evaluateValidation(predictor, dataset, folder, replicas, log) }
    if predict { try predictTestCases(predictor, dataset, folder, replicas) }
  }

  private func describe(_ session: TrainingSession, _ executor: any Executor, _ replicas: Replicas) {
    let (record, options) = (session.record, session.record.options)
    describe(record, parameterCount: session.trainableParameterCount)
    print(executor.summary)
    if replicas.count > 1 { print("\(replicas.count) processes, each with batches of \(options.batchSize)") }
    if executor.deviceCount > 1 {
      print("\(executor.deviceCount) devices, each with batches of \(options.batchSize)")
    }
    if let origin = record.origin { print("started from \(origin.summary)".printable) }
    if record.epoch > 0 { print("going on after epoch \(record.epoch)") }
  }

  /// The network, the cases, and the plan where there is one.
  func describe(_ record: ModelRecord, parameterCount: Int) {
    let options = record.options
    let shape = options.network.inputShape.map(String.init).joined(separator: "x")
    print(
      "\(options.preset.rawValue), \(options.network.architecture.kind.rawValue), input \(shape), "
        + "\(parameterCount) parameters; "
        + "\(counted(record.trainingCases.count, "case trains", "cases train")), "
        + "\(counted(record.validationCases.count, "validates", "validate"))")
    if let division = record.divisionSummary { print("cases divided \(division)".printable) }
    if let grids = record.trainingGrids { print(grids.summary(seen: record.preparation.orientation)) }
    if let plan = record.plan { print(plan.summary) }
    if let patches = options.sampling.patches {
      print(
        String(format: "  foreground %.0f %% of the patches lie around it", 100 * patches.foregroundFraction))
      for (channel, normalization) in zip(record.preparation.channelNames, record.preparation.normalizations)
      {
        print("  \(channel.isEmpty ? "channel" : channel.printable) normalised \(normalization.summary)")
      }
    }
  }

  private func evaluateValidation(
    _ predictor: Predictor, _ dataset: Dataset, _ folder: ModelFolder, _ replicas: Replicas,
    _ log: TrainingLog?
  ) throws {
    let record = predictor.models[0].record
    guard !record.validationCases.isEmpty else { return print("no case validates: nothing to evaluate") }
    let cases = try record.cases(of: .validation, in: dataset)
    let evaluation = try predictor.evaluate(cases, sharedBy: replicas)
    if replicas.isFirst {
      try log?.log(evaluation)
      let terms = EvaluationTerms(
        dataset: record.datasetName, split: SplitChoice.validation.rawValue,
        masks: .model(
          record.namesNoCases ? "" : folder.path, checkpoint: .last,
          testTimeAugmentation: false))
      print("\nvalidation, \(counted(evaluation.cases.count, "case"))\n\(evaluation.table())\n")
      printFailures(of: evaluation)
      try pictures.applied(to: EvaluationReport([(predictor, cases)])).write(
        evaluation, terms, to: folder.reportPath)
      print("report \(folder.reportPath)")
    }
    if !evaluation.failures.isEmpty { throw ExitCode.failure }
  }

  private func predictTestCases(
    _ predictor: Predictor, _ dataset: Dataset, _ folder: ModelFolder, _ replicas: Replicas
  ) throws {
    guard !dataset.test.isEmpty else { return print("the data set lists no test cases: nothing to predict") }
    try printingOutcomes(replicas, PrintedOutcomes(of: dataset.test.count)) { report in
      try predictor.predict(
        dataset.test.map(ScanSource.files), to: PredictionOutput(folder: folder.path + "/predictions"),
        sharedBy: replicas, progress: report)
    }
  }
}

extension OptimizerName: ExpressibleByArgument {}
extension LearningRateSchedule: ExpressibleByArgument {}
