import ArgumentParser
import MPICollectives
import Segmentation

struct PredictCommand: ReplicatedCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Write a mask for each scan, named as the scan, in the scan's own geometry.")

  @Option(help: "Folder of the model.")
  var modelDir: String

  @Option(
    help: "A scan, a folder of scans, or a dataset.json, whose test cases count (else its training cases).")
  var input: String

  @Option(help: "Folder that receives the masks; made if need be.")
  var output: String

  @Flag(help: "Also write each scan's class probabilities, one channel for each class.")
  var probabilities = false

  @Option(help: "Which checkpoint: last or best.")
  var checkpoint = CheckpointChoice.last

  @OptionGroup(title: "Mixed precision") var precision: PrecisionOptions
  @OptionGroup(title: "Device") var device: DeviceOptions

  func run(on world: MPIWorld?) throws {
    let replicas = Replicas(world)
    let scans = try SegmentationModel.scans(at: input)
    let executor = try device.executor(on: world)
    let model = try SegmentationModel(
      ModelFolder(modelDir), checkpoint, executor: executor,
      halfDType: try precision.decision(on: executor).halfDType, replicas: replicas)
    try Agreement(scans).require(of: replicas)
    try printingOutcomes { report in
      try model.predict(
        scans, into: output, writesProbabilities: probabilities, sharedBy: replicas, progress: report)
    }
  }
}
