import ArgumentParser
import DurableFiles
import MPICollectives
import MedicalImaging
import Segmentation

struct EvaluateCommand: ReplicatedCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract:
      "Measure a model on labelled cases: Dice, HD95 and surface distance in the scans' own geometry.",
    discussion: "Writes report.html into the model's folder as well.")

  @Option(help: "Folder of the data set, with its dataset.json.")
  var dataDir: String

  @Option(help: "Folder of the model.")
  var modelDir: String

  @Option(help: "Which labelled cases: validation, training or all.")
  var split = SplitChoice.validation

  @Option(help: "Which checkpoint: last or best.")
  var checkpoint = CheckpointChoice.last

  @Option(
    help: ArgumentHelp("Write every figure of every case to this file; - for the output.", valueName: "file"))
  var json: String?

  @OptionGroup(title: "Mixed precision") var precision: PrecisionOptions
  @OptionGroup(title: "Device") var device: DeviceOptions

  func run(on world: MPIWorld?) throws {
    let replicas = Replicas(world)
    let folder = ModelFolder(modelDir)
    let executor = try device.executor(on: world)
    let model = try SegmentationModel(
      folder, checkpoint, executor: executor, halfDType: try precision.decision(on: executor).halfDType,
      replicas: replicas)
    let dataset = try MSDDataset(folder: dataDir)
    let cases = try model.record.cases(of: split, in: dataset)
    try Agreement(dataset).require(of: replicas)
    let evaluation = try model.evaluate(cases, sharedBy: replicas)
    guard replicas.isFirst else { return }
    try model.writeReport(evaluation, cases: cases, to: folder.reportPath)
    let text = try evaluation.json(model: modelDir, split: split)
    if json == "-" { return print(text, terminator: "") }
    if let json { try AtomicFile.write(text, to: json) }
    print("\(split.rawValue), \(cases.count) cases, \(checkpoint.rawValue) checkpoint\n")
    print(evaluation.table())
    print("\n\(evaluation.caseTable())\n\nreport \(folder.reportPath)")
  }
}
