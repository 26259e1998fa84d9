import ArgumentParser
import MPICollectives
import MedicalImaging
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
    help:
      "A scan, a folder of scans or of DICOM series, a list of cases (CSV or JSON), or a data set, whose test cases count (else its training cases)."
  )
  var input: String

  @Option(help: "Folder that receives the masks; made if need be.")
  var output: String

  @Flag(help: "Also write each scan's class probabilities, one channel for each class.")
  var probabilities = false

  @Option(
    help: ArgumentHelp(
      "Write in this format instead of each scan's own: nifti, nifti-pair, metaimage, nrrd, or an ending such as .nii.gz.",
      valueName: "format"))
  var format: MaskFormat = .scans

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "DICOM series to take, by number, name or UID (all but derived ones and localisers).",
      valueName: "series ..."))
  var series: [String] = []

  @Flag(help: "Also write each DICOM series' mask as a DICOM SEG object, through dcmqi's itkimage2segimage.")
  var dicomSeg = false

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Classes of which only the largest connected component stays, or none (what a cross-validation chose).",
      valueName: "class ..."))
  var keepLargest: [String] = []

  @OptionGroup var files: ScanFileOptions
  @OptionGroup var options: ModelOptions

  func run(on world: MPIWorld?) throws {
    let replicas = Replicas(world)
    let found = try ScanSource.all(
      at: input, series: series, channels: files.channels?.names ?? [],
      options: DatasetReadingOptions(allowsOutside: files.allowOutside))
    if replicas.isFirst {
      if let summary = found.summary { print(summary.printable) }
      if let note = found.note { standardErrorLine("Note: \(note.printable)") }
      noteRemarks(found.remarks)
    }
    let output = try predictionOutput(found.scans)
    let predictor = try predictor(on: world, replicas)
    let scans = predictor.joiningChannels(of: found.scans)
    try Agreement(scans).require(of: replicas)
    try printingOutcomes(replicas) { report in
      try predictor.predict(scans, to: output, sharedBy: replicas, progress: report)
    }
  }

  private func predictionOutput(_ scans: [ScanSource]) throws -> PredictionOutput {
    var result = PredictionOutput(folder: output, format: format, writesProbabilities: probabilities)
    guard dicomSeg else { return result }
    guard scans.contains(where: \.isSeries) else {
      throw ValidationError("--dicom-seg is for DICOM series, and --input \(input) is none; leave it out.")
    }
    guard let program = ExternalProgram(named: "itkimage2segimage") else {
      throw DICOMError.noSegmentationWriter
    }
    standardErrorLine("Note: DICOM SEG objects are written by \(program.path)")
    result.segmentationWriter = .init(program: program)
    return result
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

extension MaskFormat: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
  public var defaultValueDescription: String { "the scan's" }
}
