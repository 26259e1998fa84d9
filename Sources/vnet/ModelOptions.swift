import ArgumentParser
import MPICollectives
import MedicalImaging
import Segmentation

/// Options of the commands that predict by trained models: how these are opened, and how they go about a scan.
struct ModelOptions: ParsableArguments {
  @Option(help: "Which checkpoint: last or best.")
  var checkpoint = CheckpointChoice.last

  @Flag(
    help: ArgumentHelp(
      "Average the probabilities over all mirrorings of a scan along the axes that training mirrored, eight times the work "
        + "for three axes, or where there is none over turns of 10 degrees that training knew, seven times the work."
    ))
  var tta = false

  @Flag(help: "Also tell the time of reading, preparing, the network, resampling back and writing.")
  var timings = false

  @OptionGroup var scans: ScanOptions
  @OptionGroup(title: "Mixed precision") var precision: PrecisionOptions
  @OptionGroup(title: "Device") var device: DeviceOptions

  func validate() throws { try device.requireOneDevice() }

  /// Opens the models that some folders stand for, each once and on an executor of its own.
  func models(in paths: [String], on world: MPIWorld?) throws -> TrainedModels {
    for path in paths where DatasetLayout.holdsDataset(path) && !ModelFolder(path).holdsModel {
      throw ValidationError(
        "--model-dir \(path) holds a data set, not a model; give the folder of a training.")
    }
    let executors = try device.executors(on: world, measures: false)
    return try TrainedModels(in: paths.map { ModelFolder($0) }, checkpoint, replicas: Replicas(world)) {
      let executor = try executors()
      return TrainedModels.Device(
        executor: executor, halfDType: try precision.decision(on: executor).halfDType)
    }
  }

  /// Tells where the time of predictions went, where that is asked for.
  func show(_ times: PhaseTimes, _ replicas: Replicas) {
    if timings, replicas.isFirst { standardErrorLine("timings " + times.summary) }
  }

  /// How models go about a scan.
  func prediction(
    by models: TrainedModels, _ postprocessing: Postprocessing = Postprocessing()
  ) throws -> PredictionOptions {
    PredictionOptions(
      views: tta ? try models.views() : [.asIs], notANumber: scans.notANumber,
      postprocessing: postprocessing)
  }
}
