import ArgumentParser
import Foundation
import MPICollectives
import MedicalImaging
import Networks
import Segmentation
import TensorGraph
import Training

/// A bound on the gradients' global norm, or none.
struct ClipNorm: ExpressibleByArgument, Equatable, CustomStringConvertible {
  var limit: Double?

  init(limit: Double?) { self.limit = limit }

  init?(argument: String) {
    if argument == "none" {
      limit = nil
    } else if let value = Double(argument), value > 0, value.isFinite {
      limit = value
    } else {
      return nil
    }
  }

  var description: String { limit.map { "\($0)" } ?? "none" }
}

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
      """)

  @Option(help: "Folder of the data set, with its dataset.json.")
  var dataDir: String

  @Option(help: "Folder of the model; made if need be.")
  var modelDir: String

  @Option(help: "Network and defaults: hippocampus, accurate, milletari or unpadded.")
  var preset: Preset?

  @Option(help: "Cases per step, of each process (2; accurate: planned, 8 for small scans).")
  var batchSize: Int?

  @Option(help: "Passes over the training cases, in all (80; accurate: 150).")
  var epochs: Int?

  @Option(help: "rmsprop (TensorFlow 1's, centred), adam, adamw or sgd (rmsprop; accurate: adamw).")
  var optimizer: OptimizerKind?

  @Option(help: "Learning rate (0.0001; accurate: 0.002).")
  var baseLr: Double?

  @Option(help: "Course of the learning rate: constant, polynomial or cosine (constant; accurate: cosine).")
  var lrSchedule: LearningRateSchedule?

  @Option(help: "Momentum of rmsprop or sgd; sgd's is Nesterov's (0).")
  var momentum: Double?

  @Option(help: "Bound on the gradients' global norm, or none (none; accurate: 12).")
  var clipNorm: ClipNorm?

  @Option(help: "Share of the labelled cases that trains; the rest validates (0.9).")
  var trainSplit: Double?

  @Option(help: "Seed of the division into training and validation cases (0).")
  var splitSeed: UInt64?

  @Option(help: "Seed of initialisation, order and augmentation (0).")
  var seed: UInt64?

  @Flag(
    inversion: .prefixedNo, help: "Mirror training scans at random along i and j (--no-augment).")
  var augment: Bool?

  @Option(help: "Steps between two lines of the log.")
  var logEvery = 10

  @Flag(help: "Go on from the folder's last checkpoint.")
  var resume = false

  @Flag(help: "Evaluate the validation cases at the end, and write report.html.")
  var evaluate = false

  @Flag(help: "Predict the data set's test cases at the end, into the model folder's predictions/.")
  var predict = false

  @Option(
    help: ArgumentHelp(
      "Loss scale: dynamic, none or a number (dynamic with fp16, none otherwise; also none with "
        + "TF_ENABLE_AUTO_MIXED_PRECISION_LOSS_SCALING=0).", valueName: "scale"))
  var lossScale: LossScale?

  @OptionGroup(title: "Cross-validation") var crossValidation: CrossValidationOptions
  @OptionGroup(title: "Loss") var loss: LossOptions
  @OptionGroup(title: "Recipe") var recipe: RecipeOptions
  @OptionGroup(title: "Mixed precision") var precision: PrecisionOptions
  @OptionGroup(title: "Structure") var structure: StructureOptions
  @OptionGroup(title: "Several processes") var replica: ReplicaOptions
  @OptionGroup(title: "Device") var device: DeviceOptions

  func validate() throws {
    try require(batchSize, "--batch-size", 1...4096)
    try require(epochs, "--epochs", 1...1_000_000)
    try require(logEvery, "--log-every", 1...1_000_000_000)
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

  private func require(_ value: Int?, _ option: String, _ allowed: ClosedRange<Int>) throws {
    if let value, !allowed.contains(value) {
      throw ValidationError(
        "\(option) \(value) is not possible; take \(allowed.lowerBound) to \(allowed.upperBound).")
    }
  }

  func run(on world: MPIWorld?) throws {
    guard let folds = crossValidation.folds else {
      return try train(into: ModelFolder(modelDir), fold: nil, resumes: resume, world)
    }
    for index in crossValidation.fold.map({ $0..<$0 + 1 }) ?? 0..<folds {
      let fold = Fold(index, of: folds)
      let folder = ModelFolder(modelDir).fold(index)
      print("fold \(index) of \(folds), into \(folder.path)")
      // nil where the fold has not begun.
      let epochsLeft: Int? = try Replicas(world).fromFirst {
        guard resume && folder.holdsModel else { return nil }
        return try Checkpoint(folder).record.remainingEpochs(of: epochs)
      }
      if epochsLeft == 0 {
        print("this fold is trained already")
      } else {
        try train(into: folder, fold: fold, resumes: epochsLeft != nil, world)
      }
    }
  }

  /// Trains one model.
  private func train(
    into folder: ModelFolder, fold: Fold?, resumes: Bool, _ world: MPIWorld?
  ) throws {
    let replicas = Replicas(world)
    var options = try resolvedOptions(folder, fold, resumes: resumes, replicas)
    let dataset = try Dataset(folder: dataDir)
    let executor = try device.executor(on: world)
    let decision = try precision.decision(on: executor, lossScale: lossScale)
    options.optimizer.lossScale = decision.lossScale
    try Agreement(options, decision, dataset).require(of: replicas)
    print(
      "\(dataset.name): \(dataset.training.count) labelled cases, classes "
        + dataset.classNames.joined(separator: ", "))
    let session = try TrainingSession(
      dataset: dataset, folder: folder, options: options, resume: resumes, executor: executor,
      halfDType: decision.halfDType, replicas: replicas,
      cacheByteLimit: recipe.cacheByteLimit)
    describe(session, executor, replicas)
    print(decision.summary)
    var log =
      replicas.isFirst
      ? try TrainingLog(
        session, device: executor.summary, precision: decision.summary,
        replicaCount: replicas.count * executor.deviceCount, logEvery: logEvery)
      : nil
    try session.run(reporting: &log)
    print("checkpoint \(folder.checkpointPath(.last))")
    let model = try session.trainedModel()
    if evaluate { try evaluateValidation(model, session, replicas, log) }
    if predict { try predictTestCases(model, dataset, folder, replicas) }
  }

  private func describe(_ session: TrainingSession, _ executor: any Executor, _ replicas: Replicas) {
    let (record, options) = (session.record, session.record.options)
    let shape = options.network.inputShape.map(String.init).joined(separator: "x")
    print(
      "\(options.preset.rawValue), \(options.network.architecture.kind.rawValue), input \(shape), "
        + "\(session.trainableParameterCount) parameters; "
        + "\(record.trainingCases.count) cases train, \(record.validationCases.count) validate")
    if let plan = record.plan { print(plan.summary) }
    if let patches = options.patches {
      print(
        String(format: "  foreground %.0f %% of the patches lie around it", 100 * patches.foregroundFraction))
      for (channel, normalization) in zip(record.preparation.channelNames, record.preparation.normalizations)
      {
        print("  \(channel.isEmpty ? "channel" : channel) normalised \(normalization.summary)")
      }
    }
    print(executor.summary)
    if replicas.count > 1 { print("\(replicas.count) processes, each with batches of \(options.batchSize)") }
    if executor.deviceCount > 1 {
      print("\(executor.deviceCount) devices, each with batches of \(options.batchSize)")
    }
    if record.epoch > 0 { print("going on after epoch \(record.epoch)") }
  }

  private func evaluateValidation(
    _ model: SegmentationModel, _ session: TrainingSession, _ replicas: Replicas, _ log: TrainingLog?
  ) throws {
    let cases = session.split.validation
    guard !cases.isEmpty else { return print("no case validates (--train-split 1): nothing to evaluate") }
    let evaluation = try model.evaluate(cases, sharedBy: replicas)
    guard replicas.isFirst else { return }
    try log?.log(evaluation)
    try EvaluationReport([(model, cases)]).write(evaluation, to: session.folder.reportPath)
    print("\nvalidation, \(cases.count) cases\n\(evaluation.table())\n\nreport \(session.folder.reportPath)")
  }

  private func predictTestCases(
    _ model: SegmentationModel, _ dataset: Dataset, _ folder: ModelFolder, _ replicas: Replicas
  ) throws {
    guard !dataset.test.isEmpty else { return print("the data set lists no test cases: nothing to predict") }
    try printingOutcomes(replicas) { report in
      try Ensemble([model]).predict(
        dataset.test, into: folder.path + "/predictions", writesProbabilities: false, sharedBy: replicas,
        progress: report)
    }
  }

  // MARK: Options

  /// The preset's defaults, or the saved options when resuming, with what was given on the command line. A fold that
  /// has not begun when its cross-validation goes on takes the options of one that has.
  private func resolvedOptions(
    _ folder: ModelFolder, _ fold: Fold?, resumes: Bool, _ replicas: Replicas
  ) throws -> TrainingOptions {
    let saved: TrainingOptions? = try replicas.fromFirst {
      guard let source = resumes ? folder : resume ? ModelFolder(modelDir).folds.first : nil else {
        return nil
      }
      var options = try Checkpoint(source).record.options
      if !resumes { options.fold = fold }
      return options
    }
    var overrides =
      saved.map { OptionOverrides(saved: $0) }
      ?? OptionOverrides(defaults: TrainingOptions(preset: preset ?? .hippocampus))
    overrides.setFreely(\.epochs, epochs)
    try overrides.set(\.preset, preset, "--preset")
    try overrides.set(\.batchSize, batchSize, "--batch-size")
    try overrides.set(\.optimizer.kind, optimizer, "--optimizer")
    try overrides.set(\.baseLearningRate, baseLr, "--base-lr")
    try overrides.set(\.scalesLearningRate, replica.scaleLr ? true : nil, "--scale-lr")
    try overrides.set(\.gradientCompression, replica.compressGradients?.dtype, "--compress-gradients")
    try overrides.set(\.schedule, lrSchedule, "--lr-schedule")
    try overrides.set(\.optimizer.momentum, momentum, "--momentum")
    try overrides.set(\.optimizer.clip, clipNorm, "--clip-norm")
    try loss.apply(to: &overrides)
    try overrides.set(\.trainingFraction, trainSplit, "--train-split")
    try overrides.set(\.splitSeed, splitSeed, "--split-seed")
    try overrides.set(\.seed, seed, "--seed")
    try overrides.set(\.augment, augment, "--augment")
    try structure.apply(to: &overrides)
    try overrides.set(\.fold, fold, "--fold")
    try recipe.apply(to: &overrides, structure, batchSize: batchSize, resumes: saved != nil)
    let optimizer = overrides.options.optimizer
    guard !optimizer.kind.isAdam || optimizer.momentum == 0 else {
      throw ValidationError(
        "--momentum has no meaning for \(optimizer.kind.rawValue), which has its own; leave it out.")
    }
    return overrides.options
  }
}

extension Optimizer {
  fileprivate var clip: ClipNorm {
    get { ClipNorm(limit: clipNorm) }
    set { clipNorm = newValue.limit }
  }
}

/// Writes a line to the standard error output.
func standardErrorLine(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

/// Prints a line for each prediction; at the end fails, on all replicas, when one did.
func printingOutcomes(
  _ replicas: Replicas, _ body: ((Case, PredictionOutcome) throws -> Void) throws -> Void
) throws {
  var failures = 0
  try body { _, outcome in
    switch outcome {
    case .written(let path): print(path)
    case .failed(let reason):
      failures += 1
      standardErrorLine("Error: \(reason)")
    }
  }
  if try replicas.fromFirst({ failures }) > 0 { throw ExitCode.failure }
}
