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

  @Flag(help: "Average the probabilities over all mirrorings of a scan: eight times the work.")
  var tta = false

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Classes of which only the largest connected component stays, or none (what a cross-validation chose).",
      valueName: "class ..."))
  var keepLargest: [String] = []

  @Option(help: "Which checkpoint: last or best.")
  var checkpoint = CheckpointChoice.last

  @OptionGroup(title: "Mixed precision") var precision: PrecisionOptions
  @OptionGroup(title: "Device") var device: DeviceOptions

  func validate() throws { try device.requireOneDevice() }

  func run(on world: MPIWorld?) throws {
    let replicas = Replicas(world)
    let scans = try Ensemble.scans(at: input)
    let ensemble = try ensemble(on: world, replicas)
    try Agreement(scans).require(of: replicas)
    try printingOutcomes(replicas) { report in
      try ensemble.predict(
        scans, into: output, writesProbabilities: probabilities, sharedBy: replicas, progress: report)
    }
  }

  private func ensemble(on world: MPIWorld?, _ replicas: Replicas) throws -> Ensemble {
    // The first replica's files decide: the others may have none.
    let folders = try replicas.fromFirst { try modelDir.flatMap { try ModelFolder($0).models().map(\.path) } }
    let executors = try device.executors(on: world)
    let models = try folders.map { path in
      let folder = ModelFolder(path)
      let executor = try executors()
      let model = try SegmentationModel(
        folder, checkpoint, executor: executor,
        halfDType: try precision.decision(on: executor).halfDType, replicas: replicas)
      model.averagesFlips = tta
      return model
    }
    let classNames = models[0].record.preparation.classNames
    return try Ensemble(
      models, postprocessing: try replicas.fromFirst { try postprocessing(classNames: classNames) })
  }

  /// What was given, else what was chosen for the models, as far as their choices agree.
  private func postprocessing(classNames: [String]) throws -> Postprocessing {
    if keepLargest == ["none"] { return Postprocessing() }
    if let unknown = keepLargest.first(where: { !classNames.dropFirst().contains($0) }) {
      throw ValidationError(
        "--keep-largest \(unknown) is no class of the model; take some of "
          + "\(classNames.dropFirst().joined(separator: ", ")), or none.")
    }
    if !keepLargest.isEmpty { return Postprocessing(keepLargest: keepLargest) }
    let choices = try modelDir.map { try Postprocessing(ModelFolder($0)) }
    if choices.allSatisfy({ $0 == choices[0] }) { return choices[0] }
    standardErrorLine(
      "Note: the models were chosen different postprocessings, and none is applied; give --keep-largest.")
    return Postprocessing()
  }
}
