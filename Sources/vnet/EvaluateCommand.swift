import ArgumentParser
import DurableFiles
import MPICollectives
import MedicalImaging
import Segmentation

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

  func run(on world: MPIWorld?) throws {
    let folder = ModelFolder(modelDir)
    if folder.holdsModel || folder.folds.isEmpty {
      try evaluateModel(folder, Replicas(world), world)
    } else {
      try evaluateFolds(folder, Replicas(world), world)
    }
  }

  private func evaluateModel(_ folder: ModelFolder, _ replicas: Replicas, _ world: MPIWorld?) throws {
    let model = try model(folder, world, replicas)
    let dataset = try MSDDataset(folder: dataDir)
    let cases = try model.record.cases(of: split, in: dataset)
    try Agreement(dataset).require(of: replicas)
    let evaluation = try model.evaluate(cases, sharedBy: replicas)
    guard replicas.isFirst else { return }
    try EvaluationReport([(model, cases)]).write(evaluation, to: folder.reportPath)
    try write(
      evaluation, folder, split.rawValue,
      "\(split.rawValue), \(cases.count) cases, \(checkpoint.rawValue) checkpoint")
  }

  /// Measures each case by the model of the fold in which it validates.
  private func evaluateFolds(_ folder: ModelFolder, _ replicas: Replicas, _ world: MPIWorld?) throws {
    let dataset = try MSDDataset(folder: dataDir)
    var evaluation: Evaluation?
    var parts: [EvaluationReport.Part] = []
    for fold in folder.folds {
      let model = try model(fold, world, replicas)
      try Agreement(dataset).require(of: replicas)
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
    try EvaluationReport(parts, postprocessing: postprocessing).write(processed, to: folder.reportPath)
    try write(
      processed, folder, "out-of-fold",
      "out of fold, \(evaluation.cases.count) cases, \(checkpoint.rawValue) checkpoints")
  }

  private func model(_ folder: ModelFolder, _ world: MPIWorld?, _ replicas: Replicas) throws
    -> SegmentationModel
  {
    let executor = try device.executor(on: world)
    let model = try SegmentationModel(
      folder, checkpoint, executor: executor, halfDType: try precision.decision(on: executor).halfDType,
      replicas: replicas)
    model.averagesFlips = tta
    return model
  }

  /// Writes the tables into the model's folder and prints them.
  private func write(
    _ evaluation: Evaluation, _ folder: ModelFolder, _ split: String, _ heading: String
  ) throws {
    let text = try evaluation.json(model: modelDir, split: split)
    try AtomicFile.write(evaluation.csv(), to: folder.caseTablePath)
    try AtomicFile.write(text, to: folder.evaluationPath)
    if json == "-" { return print(text, terminator: "") }
    if let json { try AtomicFile.write(text, to: json) }
    print("\(heading)\(tta ? ", test-time augmentation" : "")\n\n\(evaluation.table())")
    print("\n\(evaluation.caseTable())\n\n\(evaluation.summary())\nreport \(folder.reportPath)")
  }
}
