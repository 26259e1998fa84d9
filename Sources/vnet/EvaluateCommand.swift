import ArgumentParser
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
      Prints tables, and writes report.html, cases.csv and evaluation.json into --output, or into the model's folder. \
      That is for the data set that the model was trained on: of the same name, with all of its cases. Of other data all \
      cases count, and without --output only the tables are shown. A case that cannot be measured is left out and said, and the command fails.

      The folder of a cross-validation is measured out of fold: each case by the model that did not train on it; for \
      each class it is decided whether only the largest component stays, and kept in postprocessing.json for \
      'vnet predict' (with --output there: copy it beside the models). The figures are nested: in the masks of a fold \
      counts what the other folds' cases decide. On other data its models are measured together.

      vnet evaluate --data-dir data --model-dir model
      vnet evaluate --data-dir data --model-dir cross-validation --quality
      """)

  @Option(help: "Folder of the model or of a cross-validation, or a model in one file.")
  var modelDir: String

  @Option(
    help:
      "Which labelled cases: validation, training, all or test, those that the data set keeps for one (validation; of other data than the model's all)."
  )
  var split: SplitChoice?

  @Option(help: "Folder that receives everything; made if need be (the model's, for its own data).")
  var output: String?

  @Option(
    help: ArgumentHelp("Write every figure of every case to this file; - for the output.", valueName: "file"))
  var json: String?

  @OptionGroup var configuration: ConfigurationOptions
  @Flag(
    help: ArgumentHelp(
      "Also learn from these cases what 'vnet predict --quality' tells of others, into quality.json: for cases that validated, of "
        + "models trained with mirroring."))
  var quality = false

  @OptionGroup var printing: QuietOption
  @OptionGroup var pictures: PictureOptions
  @OptionGroup(title: "Data set") var data: DatasetOptions
  @OptionGroup var maskGeometry: MaskGeometryOptions
  @OptionGroup var options: ModelOptions

  func validate() throws {
    guard !(printing.quiet && json == "-") else {
      throw ValidationError("--json - prints and --quiet prints nothing; leave one of them out.")
    }
  }

  func run(on world: MPIWorld?) throws {
    let replicas = Replicas(world)
    if let json { try OutputFile.require(json, of: "--json", endings: [".json"], madeFolder: output) }
    guard !quality || (split ?? .validation) == .validation else {
      throw ValidationError("--quality is for cases that validated; leave --split out.")
    }
    let models = try options.models(in: [modelDir], on: world)
    if replicas.isFirst { noteOtherMachines(models) }
    let prediction = try options.prediction(by: models)
    let record = models.models[0].record
    let dataset = record.named(maskGeometry.applied(to: try data.dataset(), saysSo: replicas.isFirst))
    if replicas.isFirst && json != "-" { print(dataset.summary.printable) }
    if replicas.isFirst { noteRemarks(dataset.remarks) }
    try Agreement(dataset).require(of: replicas)
    let isOwnData = models.models.allSatisfy { $0.record.wasTrained(on: dataset) }
    if let output, replicas.isFirst { try EvaluationFolder(output).create() }
    if isOwnData, replicas.isFirst { noteChoices(models) }
    let isOneModel = models.folders[0].path == modelDir
    if quality { try requireQualitySource(models.models, isOwnData) }
    let times = PhaseTimes()
    defer { options.show(times, replicas) }
    if isOneModel || !isOwnData {
      let predictor = try Predictor(models.models, options: prediction, times: times)
      try evaluateTogether(predictor, dataset, split ?? (isOwnData ? .validation : .all), replicas, isOwnData)
    } else {
      let predictors = try models.models.map { try Predictor([$0], options: prediction, times: times) }
      try evaluateFolds(zip(models.folders, predictors).map { ($0, $1) }, dataset, replicas)
    }
  }

  /// Says once where a model was trained elsewhere: figures may then differ in their last digits.
  private func noteOtherMachines(_ models: TrainedModels) {
    let differences = Set(models.models.compactMap(\.machineDifference))
    for difference in differences.sorted() {
      standardErrorLine("Note: training and this run differ: \(difference).".printable)
    }
  }

  /// Says what the validation cases decided, where they are among those that are measured.
  private func noteChoices(_ models: TrainedModels) {
    guard [.validation, .all].contains(split ?? .validation) else { return }
    let records = models.models.map(\.record)
    let choice: String
    if options.checkpoint == .best {
      choice = "the best checkpoint is of the epoch that"
    } else if records.contains(where: { $0.exhaustedPatience != nil }) {
      choice = "the training ended (--patience) by the epoch that"
    } else {
      return
    }
    standardErrorLine(
      "Note: \(choice) did best on the validation cases, which are measured here: their figures are too good; those of --split "
        + "test or of other data are not.")
  }

  /// Measures one model, or several whose probabilities are averaged.
  private func evaluateTogether(
    _ predictor: Predictor, _ dataset: Dataset, _ split: SplitChoice, _ replicas: Replicas, _ isOwnData: Bool
  ) throws {
    if predictor.models.count > 1, split != .all {
      throw ValidationError(
        "--split \(split.rawValue) is for the data of the training; a cross-validation is measured on all of other data."
      )
    }
    let cases = try predictor.models[0].record.cases(of: split, in: dataset)
    let evaluation = try measured(cases, by: predictor, replicas)
    let folder = output ?? (isOwnData && !ModelFolder(modelDir).isFile ? modelDir : nil)
    try show(
      evaluation, [(predictor, cases)], terms(dataset, split.rawValue), split.rawValue, replicas, into: folder
    )
    if quality { try calibrate(evaluation, [(predictor, cases)], replicas, into: folder) }
    if replicas.isFirst, json != "-" { suggestPrediction() }
    guard output == nil, replicas.isFirst else { return }
    if !isOwnData {
      noteOtherData(dataset, predictor.models[0].record)
    } else if ModelFolder(modelDir).isFile {
      standardErrorLine(
        "Note: \(modelDir.printable): is one file, and no report is written; give --output with a folder for it."
      )
    }
  }

  /// Says that nothing is written of data that are not the model's own: its folder keeps the evaluation on those.
  private func noteOtherData(_ dataset: Dataset, _ record: ModelRecord) {
    guard !record.namesWithheld else {
      return standardErrorLine(
        "Note: \(modelDir.printable): does not name the cases that it was trained on, which may be among those measured, and no "
          + "report is written; give --output with a folder for it.")
    }
    standardErrorLine(
      "Note: \(dataset.descriptionPath.printable): is not the data set that the model in \(modelDir) was trained on (its name or "
        + "its cases differ), and no report is written; give --output with a folder for it.")
  }

  /// Measures each case by the model of the fold in which it validates.
  private func evaluateFolds(
    _ folds: [(folder: ModelFolder, predictor: Predictor)], _ dataset: Dataset, _ replicas: Replicas
  ) throws {
    guard split ?? .validation == .validation else {
      throw ValidationError(
        "--split \(split?.rawValue ?? "") is for one model; a cross-validation is measured on what each fold left out."
      )
    }
    let gaps = try CrossValidation(ModelFolder(modelDir), folds.map { $0.predictor.models[0].record }).gaps
    if replicas.isFirst { for gap in gaps { standardErrorLine("Note: \(gap)") } }
    var evaluations: [Evaluation] = []
    var parts: [EvaluationReport.Part] = []
    for (fold, predictor) in folds {
      let cases = try predictor.models[0].record.cases(of: .validation, in: dataset)
      let part = try measured(cases, by: predictor, replicas)
      if replicas.isFirst && json != "-" { print("\(fold.path): \(part.summary())") }
      evaluations.append(part)
      parts.append((predictor, cases))
    }
    try showFolds(
      OutOfFoldEvaluation(evaluations), parts, names: folds.map { $0.folder.name }, dataset, replicas)
    if replicas.isFirst, json != "-" { suggestPrediction() }
  }

  /// Shows the evaluation of each fold's masks after the postprocessing that the other folds choose, and keeps what all choose.
  ///
  /// - Parameter names: of the folds' folders.
  private func showFolds(
    _ outOfFold: OutOfFoldEvaluation, _ parts: [EvaluationReport.Part], names: [String], _ dataset: Dataset,
    _ replicas: Replicas
  ) throws {
    let postprocessing = outOfFold.postprocessing
    let byFold = Dictionary(
      uniqueKeysWithValues: zip(names, outOfFold.nestedPostprocessings.map(\.keepLargest)))
    if replicas.isFirst && json != "-" {
      let classes = postprocessing.keepLargest.joined(separator: ", ")
      print("only the largest component stays of: \(classes.isEmpty ? "no class" : classes.printable)")
      print("before that \(outOfFold.unprocessed.summary())")
      print(
        "nested: in the figures of a fold it stays of what the other folds' cases choose (\(byFold.nestedChoice.printable))"
      )
    }
    let nested = outOfFold.nested
    let processedParts: [EvaluationReport.Part] = zip(parts, outOfFold.nestedPostprocessings).map {
      ($0.predictor.postprocessing(by: $1), $0.cases)
    }
    try show(
      nested, processedParts, terms(dataset, "out-of-fold", postprocessing, byFold), "out of fold", replicas,
      into: output ?? modelDir, keeping: postprocessing)
    if quality { try calibrate(nested, parts, replicas, into: output ?? modelDir) }
  }

  private func suggestPrediction() {
    suggest("predict", "--model-dir", modelDir, "--input", "scans", "--output", "masks")
  }

  private func measured(_ cases: [Case], by predictor: Predictor, _ replicas: Replicas) throws -> Evaluation {
    let line = ProgressLine("measured", of: replicas.isFirst ? (cases.count - 1) / replicas.count + 1 : 0)
    return try predictor.evaluate(cases, sharedBy: replicas, progress: line.show)
  }

  /// - Parameter models: each measured by itself.
  /// - Throws: where there is nothing to learn from.
  private func requireQualitySource(_ models: [SegmentationModel], _ isOwnData: Bool) throws {
    guard isOwnData else {
      throw ValidationError(
        "--quality is learnt from the cases that validated, and this is other data than the model's; leave it out."
      )
    }
    let sources = Set(models.map { Predictor($0).qualitySource })
    guard sources != [nil] else {
      throw ValidationError(
        "--quality compares masks of the scan mirrored or turned, which this model's training did not show it; train with "
          + "--augment or --preset accurate, or leave it out.")
    }
    guard sources.count == 1 else {
      throw ValidationError(
        "--quality compares masks of the same views by every fold's model, and some were trained with mirroring, others "
          + "without; train all folds with the same --mirror-axes, or leave --quality out.")
    }
  }

  /// Learns what agreements say of Dice, and keeps it beside the models.
  private func calibrate(
    _ evaluation: Evaluation, _ parts: [EvaluationReport.Part], _ replicas: Replicas, into folder: String?
  ) throws {
    guard let folder else {
      throw ValidationError("--quality has no folder to keep what it learns in; give --output.")
    }
    var agreements: [String: [Double?]] = [:]
    for (predictor, cases) in parts {
      let line = ProgressLine("compared", of: replicas.isFirst ? (cases.count - 1) / replicas.count + 1 : 0)
      agreements.merge(try predictor.agreements(on: cases, sharedBy: replicas, progress: line.show)) { $1 }
    }
    guard replicas.isFirst else { return }
    let calibration = QualityCalibration(evaluation, agreements, by: parts[0].predictor.qualitySource!)
    try calibration.write(to: ModelFolder(folder))
    if json != "-" { print("quality \(ModelFolder(folder).qualityPath): \(calibration.summary)".printable) }
  }

  private func terms(
    _ dataset: Dataset, _ split: String, _ postprocessing: Postprocessing = Postprocessing(),
    _ keepLargestByFold: [String: [String]] = [:]
  ) -> EvaluationTerms {
    EvaluationTerms(
      dataset: dataset.name, split: split,
      masks: .model(
        dataset.isAnonymous ? "" : modelDir, checkpoint: options.checkpoint,
        testTimeAugmentation: options.tta,
        keepLargest: postprocessing.keepLargest, keepLargestByFold: keepLargestByFold))
  }

  /// Prints and writes on the first replica; fails on all where a case or a file is missing.
  ///
  /// - Parameters:
  ///   - folder: receives the files; nil writes none.
  ///   - postprocessing: what a cross-validation chose, which is kept, too.
  private func show(
    _ evaluation: Evaluation, _ parts: [EvaluationReport.Part], _ terms: EvaluationTerms, _ cases: String,
    _ replicas: Replicas, into folder: String?, keeping postprocessing: Postprocessing? = nil
  ) throws {
    let isWhole = try replicas.fromFirst {
      let heading =
        "\(terms.dataset), \(cases), \(counted(evaluation.cases.count, "case")), \(options.checkpoint.rawValue) checkpoint"
        + (options.tta ? ", test-time augmentation" : "")
      let isShown = try EvaluationOutput(json: json, folder: folder.map { EvaluationFolder($0) }).show(
        evaluation, terms, pictures.applied(to: EvaluationReport(parts)), heading: heading)
      guard let folder, let postprocessing, !evaluation.cases.isEmpty else { return isShown }
      return kept(postprocessing, in: ModelFolder(EvaluationFolder(folder).receiving(evaluation).path))
        && isShown
    }
    if !isWhole { throw ExitCode.failure }
  }

  /// Whether the choice could be kept; what keeps it from that is said.
  private func kept(_ postprocessing: Postprocessing, in folder: ModelFolder) -> Bool {
    do {
      try postprocessing.write(to: folder)
      return true
    } catch {
      standardErrorLine("Error: \(error)")
      return false
    }
  }
}
