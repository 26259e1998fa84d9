import ArgumentParser
import DurableFiles
import MPICollectives
import MedicalImaging
import Segmentation
import TensorGraph

struct EvaluateCommand: ReplicatedCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract:
      "Measure a model on labelled cases: Dice, HD95, surface distance and surface Dice in the scans' own geometry.",
    discussion: """
      Writes report.html, cases.csv and evaluation.json into the model's folder as well. The folder of a \
      cross-validation is measured out of fold: each case by the model that did not train on it; for each class it is \
      decided whether only the largest component stays, and kept in postprocessing.json for 'vnet predict'.
      """)

  @Option(help: "Folder of the data set, with its dataset.json.")
  var dataDir: String

  @Option(help: "Folder of the model, or of a cross-validation.")
  var modelDir: String

  @Option(help: "Which labelled cases: validation, training or all.")
  var split = SplitChoice.validation

  @Option(help: "Which checkpoint: last or best.")
  var checkpoint = CheckpointChoice.last

  @Flag(help: "Average the probabilities over all mirrorings of a scan: eight times the work.")
  var tta = false

  @Option(
    help: ArgumentHelp("Write every figure of every case to this file; - for the output.", valueName: "file"))
  var json: String?

  @OptionGroup(title: "Mixed precision") var precision: PrecisionOptions
  @OptionGroup(title: "Device") var device: DeviceOptions

  func validate() throws { try device.requireOneDevice() }

  func run(on world: MPIWorld?) throws {
    let (folder, replicas) = (ModelFolder(modelDir), Replicas(world))
    // The first replica's files decide: the others may have none.
    let folds = try replicas.fromFirst { folder.holdsModel ? [] : folder.folds.map(\.path) }
    if folds.isEmpty {
      try evaluateModel(folder, replicas, world)
    } else {
      try evaluateFolds(folds.map { ModelFolder($0) }, folder, replicas, world)
    }
  }

  private func evaluateModel(_ folder: ModelFolder, _ replicas: Replicas, _ world: MPIWorld?) throws {
    let model = try model(folder, try device.executors(on: world), replicas)
    let dataset = try Dataset(folder: dataDir)
    let cases = try model.record.cases(of: split, in: dataset)
    try Agreement(dataset).require(of: replicas)
    let evaluation = try model.evaluate(cases, sharedBy: replicas)
    guard replicas.isFirst else { return }
    try EvaluationReport([(model, cases)]).write(evaluation, to: folder.reportPath)
    try write(
      evaluation, folder, terms(split.rawValue),
      "\(split.rawValue), \(cases.count) cases, \(checkpoint.rawValue) checkpoint")
  }

  /// Measures each case by the model of the fold in which it validates.
  private func evaluateFolds(
    _ folds: [ModelFolder], _ folder: ModelFolder, _ replicas: Replicas, _ world: MPIWorld?
  ) throws {
    guard split == .validation else {
      throw ValidationError(
        "--split \(split.rawValue) is for one model; a cross-validation is measured on what each fold left out."
      )
    }
    let dataset = try Dataset(folder: dataDir)
    try Agreement(dataset).require(of: replicas)
    var evaluation: Evaluation?
    var parts: [EvaluationReport.Part] = []
    let executors = try device.executors(on: world)
    let models = try folds.map { ($0, try model($0, executors, replicas)) }
    let gaps = try CrossValidation(folder, models.map(\.1.record)).gaps
    if replicas.isFirst { for gap in gaps { standardErrorLine("Note: \(gap)") } }
    for (fold, model) in models {
      let cases = try model.record.cases(of: .validation, in: dataset)
      let part = try model.evaluate(cases, sharedBy: replicas)
      if replicas.isFirst && json != "-" { print("\(fold.path): \(part.summary())") }
      evaluation = evaluation?.joined(with: part) ?? part
      parts.append((model, cases))
    }
    guard replicas.isFirst, let evaluation else { return }
    let postprocessing = evaluation.bestPostprocessing
    try postprocessing.write(to: folder)
    let classes = postprocessing.keepLargest.joined(separator: ", ")
    if json != "-" {
      print("only the largest component stays of: \(classes.isEmpty ? "no class" : classes)")
    }
    let processed = evaluation.applying(postprocessing)
    if json != "-" { print("before that \(evaluation.summary())") }
    try EvaluationReport(parts, postprocessing: postprocessing).write(processed, to: folder.reportPath)
    try write(
      processed, folder, terms("out-of-fold", postprocessing),
      "out of fold, \(evaluation.cases.count) cases, \(checkpoint.rawValue) checkpoints")
  }

  private func model(
    _ folder: ModelFolder, _ executors: () throws -> any Executor, _ replicas: Replicas
  ) throws -> SegmentationModel {
    let executor = try executors()
    let model = try SegmentationModel(
      folder, checkpoint, executor: executor, halfDType: try precision.decision(on: executor).halfDType,
      replicas: replicas)
    model.averagesFlips = tta
    return model
  }

  private func terms(
    _ split: String, _ postprocessing: Postprocessing = Postprocessing()
  ) -> EvaluationTerms {
    EvaluationTerms(
      split: split, checkpoint: checkpoint, testTimeAugmentation: tta, keepLargest: postprocessing.keepLargest
    )
  }

  /// Writes the tables into the model's folder and prints them.
  private func write(
    _ evaluation: Evaluation, _ folder: ModelFolder, _ terms: EvaluationTerms, _ heading: String
  ) throws {
    let text = try evaluation.json(model: modelDir, terms)
    try AtomicFile.write(evaluation.csv(), to: folder.caseTablePath)
    try AtomicFile.write(text, to: folder.evaluationPath)
    if json == "-" { return print(text, terminator: "") }
    if let json { try AtomicFile.write(text, to: json) }
    print("\(heading)\(tta ? ", test-time augmentation" : "")\n\n\(evaluation.table())")
    print("\n\(evaluation.caseTable())\n\n\(evaluation.summary())\nreport \(folder.reportPath)")
  }
}
