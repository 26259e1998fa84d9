import ArgumentParser
import DurableFiles
import MPICollectives
import MedicalImaging
import PlainText
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

  @Option(help: "Folder of the model, or of a cross-validation.")
  var modelDir: String

  @Option(
    help: "Which labelled cases: validation, training, all or test (those that the data set keeps for one).")
  var split = SplitChoice.validation

  @Option(
    help: ArgumentHelp("Write every figure of every case to this file; - for the output.", valueName: "file"))
  var json: String?

  @OptionGroup(title: "Data set") var data: DatasetOptions
  @OptionGroup var maskGeometry: MaskGeometryOptions
  @OptionGroup var options: ModelOptions

  func run(on world: MPIWorld?) throws {
    let replicas = Replicas(world)
    let models = try options.models(in: [modelDir], on: world)
    if replicas.isFirst { noteOtherMachines(models) }
    let prediction = try options.prediction(by: models)
    let predictors = try models.models.map { try Predictor([$0], options: prediction) }
    let dataset = maskGeometry.applied(to: try data.dataset(), saysSo: replicas.isFirst)
    if replicas.isFirst && json != "-" { print(dataset.summary.printable) }
    if replicas.isFirst { noteRemarks(dataset.remarks) }
    try Agreement(dataset).require(of: replicas)
    if models.folders[0].path == modelDir {
      try evaluateModel(predictors[0], dataset, replicas)
    } else {
      try evaluateFolds(zip(models.folders, predictors).map { ($0, $1) }, dataset, replicas)
    }
  }

  /// Says once where a model was trained elsewhere: figures may then differ in their last digits.
  private func noteOtherMachines(_ models: TrainedModels) {
    let differences = Set(models.models.compactMap(\.machineDifference))
    for difference in differences.sorted() {
      standardErrorLine("Note: training and this run differ: \(difference).")
    }
  }

  private func evaluateModel(_ predictor: Predictor, _ dataset: Dataset, _ replicas: Replicas) throws {
    let folder = ModelFolder(modelDir)
    let cases = try predictor.models[0].record.cases(of: split, in: dataset)
    let evaluation = try predictor.evaluate(cases, sharedBy: replicas)
    guard replicas.isFirst else { return }
    try EvaluationReport([(predictor, cases)]).write(evaluation, to: folder.reportPath)
    try write(
      evaluation, folder, terms(split.rawValue),
      "\(split.rawValue), \(cases.count) cases, \(options.checkpoint.rawValue) checkpoint")
  }

  /// Measures each case by the model of the fold in which it validates.
  private func evaluateFolds(
    _ folds: [(folder: ModelFolder, predictor: Predictor)], _ dataset: Dataset, _ replicas: Replicas
  ) throws {
    guard split == .validation else {
      throw ValidationError(
        "--split \(split.rawValue) is for one model; a cross-validation is measured on what each fold left out."
      )
    }
    let folder = ModelFolder(modelDir)
    let gaps = try CrossValidation(folder, folds.map { $0.predictor.models[0].record }).gaps
    if replicas.isFirst { for gap in gaps { standardErrorLine("Note: \(gap)") } }
    var evaluation: Evaluation?
    var parts: [EvaluationReport.Part] = []
    for (fold, predictor) in folds {
      let cases = try predictor.models[0].record.cases(of: .validation, in: dataset)
      let part = try predictor.evaluate(cases, sharedBy: replicas)
      if replicas.isFirst && json != "-" { print("\(fold.path): \(part.summary())") }
      evaluation = evaluation?.joined(with: part) ?? part
      parts.append((predictor, cases))
    }
    guard replicas.isFirst, let evaluation else { return }
    try writeFolds(evaluation, parts, folder)
  }

  /// Decides on the postprocessing, and writes the evaluation of the masks after it.
  private func writeFolds(
    _ evaluation: Evaluation, _ parts: [EvaluationReport.Part], _ folder: ModelFolder
  ) throws {
    let postprocessing = evaluation.bestPostprocessing
    try postprocessing.write(to: folder)
    let classes = postprocessing.keepLargest.joined(separator: ", ")
    if json != "-" {
      print("only the largest component stays of: \(classes.isEmpty ? "no class" : classes.printable)")
    }
    let processed = evaluation.applying(postprocessing)
    if json != "-" { print("before that \(evaluation.summary())") }
    let processedParts: [EvaluationReport.Part] = parts.map {
      ($0.predictor.postprocessing(by: postprocessing), $0.cases)
    }
    try EvaluationReport(processedParts).write(processed, to: folder.reportPath)
    try write(
      processed, folder, terms("out-of-fold", postprocessing),
      "out of fold, \(evaluation.cases.count) cases, \(options.checkpoint.rawValue) checkpoints")
  }

  private func terms(
    _ split: String, _ postprocessing: Postprocessing = Postprocessing()
  ) -> EvaluationTerms {
    EvaluationTerms(
      split: split, checkpoint: options.checkpoint, testTimeAugmentation: options.tta,
      keepLargest: postprocessing.keepLargest)
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
    print("\(heading)\(options.tta ? ", test-time augmentation" : "")\n\n\(evaluation.table())")
    print("\n\(evaluation.caseTable())\n\n\(evaluation.summary())\nreport \(folder.reportPath)")
  }
}
