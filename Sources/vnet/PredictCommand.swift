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
      "Classes of which only the largest connected component stays (what a cross-validation chose).",
      valueName: "class ..."))
  var keepLargest: [String] = []

  @Option(help: "Which checkpoint: last or best.")
  var checkpoint = CheckpointChoice.last

  @OptionGroup(title: "Mixed precision") var precision: PrecisionOptions
  @OptionGroup(title: "Device") var device: DeviceOptions

  func run(on world: MPIWorld?) throws {
    let replicas = Replicas(world)
    let scans = try Ensemble.scans(at: input)
    let ensemble = try ensemble(on: world, replicas)
    try Agreement(scans).require(of: replicas)
    try printingOutcomes { report in
      try ensemble.predict(
        scans, into: output, writesProbabilities: probabilities, sharedBy: replicas, progress: report)
    }
  }

  private func ensemble(on world: MPIWorld?, _ replicas: Replicas) throws -> Ensemble {
    let folders = modelDir.map { ModelFolder($0) }
    let models = try folders.flatMap { try $0.models() }.map { folder in
      let executor = try device.executor(on: world)
      let model = try SegmentationModel(
        folder, checkpoint, executor: executor,
        halfDType: try precision.decision(on: executor).halfDType, replicas: replicas)
      model.averagesFlips = tta
      return model
    }
    let chosen = folders.count == 1 ? try Postprocessing(folders[0]) : Postprocessing()
    return try Ensemble(
      models, postprocessing: keepLargest.isEmpty ? chosen : Postprocessing(keepLargest: keepLargest))
  }
}
