import ArgumentParser
import Foundation
import MedicalImaging
import PlainText
import Segmentation

struct ScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract:
      "Measure masks by any program against the true ones, with the tables and the report of 'vnet evaluate'.",
    discussion: """
      Masks and truth are matched by the names of their files without the ending, or by those of the data set's cases; an end \
      such as _seg makes no difference. Of a data set the cases that train count, and those for the test where masks are of these. \
      Distances and volumes are in the truth's mm. A case that cannot be measured, or that has no mask, is left out and \
      said, and the command fails.

      vnet score --truth labelsTr --masks predictions
      vnet score --truth data --masks predictions --output scores
      """)

  @Option(help: "Folder of true masks, or of a data set, whose labelled cases count.")
  var truth: String

  @Option(help: "Folder of the masks to measure.")
  var masks: String

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Names of the values 1, 2 and on, or a dataset.json that declares them (the data set's; else the values that occur).",
      valueName: "name ... or file"))
  var labels: [String] = []

  @Option(help: "Folder that receives report.html, cases.csv and evaluation.json; made if need be.")
  var output: String?

  @Option(
    help: ArgumentHelp("Write every figure of every case to this file; - for the output.", valueName: "file"))
  var json: String?

  @OptionGroup var printing: QuietOption
  @OptionGroup var pictures: PictureOptions

  func validate() throws {
    guard !(printing.quiet && json == "-") else {
      throw ValidationError("--json - prints and --quiet prints nothing; leave one of them out.")
    }
  }

  func run() throws {
    if let json { try OutputFile.require(json, of: "--json", endings: [".json"], madeFolder: output) }
    let pairs = try MaskPairs(truth: truth, masks: masks, labels: try scheme())
    let folder = output.map { EvaluationFolder($0) }
    try folder?.create()
    for mask in pairs.unmatchedMasks {
      standardErrorLine("Note: \(mask.printable): there is no truth of this name, and the mask is left out.")
    }
    if pairs.probabilitiesCount > 0 {
      standardErrorLine(
        "Note: \(masks.printable): \(counted(pairs.probabilitiesCount, "file")) of probabilities left out.")
    }
    let evaluation = pairs.evaluation(progress: ProgressLine("measured", of: pairs.pairs.count).show)
    let terms = EvaluationTerms(
      dataset: pairs.datasetName, split: pairs.split.rawValue, masks: .folder(masks))
    let isWhole = try EvaluationOutput(json: json, folder: folder).show(
      evaluation, terms, pictures.applied(to: pairs.report),
      heading: "\(pairs.datasetName), masks of \(masks), \(counted(evaluation.cases.count, "case"))")
    if !isWhole { throw ExitCode.failure }
    if output == nil, json != "-" {
      suggest("score", repeating: ["truth", "masks", "labels"], "--output", "scores")
    }
  }

  /// The labels that were given; nil without any.
  private func scheme() throws -> LabelScheme? {
    guard !labels.isEmpty else { return nil }
    if labels.count == 1, FileManager.default.fileExists(atPath: labels[0]) {
      return try LabelScheme(declaredIn: labels[0])
    }
    if labels.count == 1, labels[0].hasSuffix(".json") { throw DatasetError.notFound(path: labels[0]) }
    guard Set(labels).count == labels.count, labels.count <= 255 else {
      throw ValidationError("--labels wants a different name for each of the values 1 to 255.")
    }
    return LabelScheme(classNames: ["background"] + labels)
  }
}
