import ArgumentParser
import MPICollectives
import Segmentation

struct PredictCommand: ReplicatedCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Write a mask for each scan, named as the scan, in the scan's own geometry.")

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Folder of the model or of a cross-validation; the probabilities of several models are averaged.",
      valueName: "folder ..."))
  var modelDir: [String]

  @Option(
    help: "A scan, a folder of scans, or a dataset.json, whose test cases count (else its training cases).")
  var input: String

  @Option(help: "Folder that receives the masks; made if need be.")
  var output: String

  @Flag(help: "Also write each scan's class probabilities, one channel for each class.")
  var probabilities = false

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Classes of which only the largest connected component stays, or none (what a cross-validation chose).",
      valueName: "class ..."))
  var keepLargest: [String] = []

  @OptionGroup var options: ModelOptions

  func run(on world: MPIWorld?) throws {
    let replicas = Replicas(world)
    let scans = try Predictor.scans(at: input)
    let predictor = try predictor(on: world, replicas)
    try Agreement(scans).require(of: replicas)
    try printingOutcomes(replicas) { report in
      try predictor.predict(
        scans, into: output, writesProbabilities: probabilities, sharedBy: replicas, progress: report)
    }
  }

  private func predictor(on world: MPIWorld?, _ replicas: Replicas) throws -> Predictor {
    let models = try options.models(in: modelDir, on: world)
    let names = models.models[0].record.preparation.labels.structures.map(\.name)
    let chosen = try replicas.fromFirst { try postprocessing(of: names) }
    return try Predictor(models.models, options: try options.prediction(by: models, chosen))
  }

  /// What was given, else what was chosen for the models, as far as their choices agree.
  ///
  /// - Parameter names: of the classes or regions.
  private func postprocessing(of names: [String]) throws -> Postprocessing {
    if keepLargest == ["none"] { return Postprocessing() }
    if let unknown = keepLargest.first(where: { !names.contains($0) }) {
      throw ValidationError(
        "--keep-largest \(unknown) is no class of the model; take some of "
          + "\(names.joined(separator: ", ")), or none.")
    }
    if !keepLargest.isEmpty { return Postprocessing(keepLargest: keepLargest) }
    let choices = try modelDir.map { try Postprocessing(ModelFolder($0)) }
    if choices.allSatisfy({ $0 == choices[0] }) { return choices[0] }
    standardErrorLine(
      "Note: the models were chosen different postprocessings, and none is applied; give --keep-largest.")
    return Postprocessing()
  }
}
