import ArgumentParser
import Foundation
import MPICollectives
import MedicalImaging
import Segmentation

struct PredictCommand: ReplicatedCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Write a mask for each scan, named as the scan, in the scan's own geometry.",
    discussion: """
      Of a folder the scans in the folders below it are predicted, too, and the masks make the same tree of folders.

      vnet predict --model-dir model --input scan.nii.gz --output mask.nii.gz
      vnet predict --model-dir model --input scans --output masks --preview
      """)

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Folder of the model or of a cross-validation, or a model in one file; the probabilities of several are averaged.",
      valueName: "model ..."))
  var modelDir: [String]

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "A scan, a folder of scans or of DICOM series, a list of cases (CSV or JSON), or a data set, whose test cases count (else its training cases); or several.",
      valueName: "input ..."))
  var input: [String]

  @Option(
    help:
      "Folder that receives the masks; made if need be. For one scan also the mask's file, such as mask.nii.gz."
  )
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

  @OptionGroup(title: "Many scans") var cohort: CohortOptions
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var json: JSONOutput
  @OptionGroup var printing: QuietOption
  @OptionGroup var files: ScanFileOptions
  @OptionGroup var options: ModelOptions

  func validate() throws {
    guard !(json.isWanted && printing.quiet) else {
      throw ValidationError("--json prints and --quiet prints nothing; leave one of them out.")
    }
  }

  func run(on world: MPIWorld?) throws {
    let replicas = Replicas(world)
    try cohort.requireTables(of: output)
    let found = try input.flatMap { try foundScans(at: $0, replicas) }
    let output = try predictionOutput(found)
    try cohort.requireQualityTable(output)
    let predictor = try predictor(on: world, replicas)
    let all = predictor.joiningChannels(of: found)
    try Agreement(all).require(of: replicas)
    try output.requireDistinctNames(all)
    // The first replica's files decide.
    let done = try replicas.fromFirst { Set(cohort.finished(all, output).map(\.name)) }
    let scans = all.filter { !done.contains($0.name) }
    var outcomes = PrintedOutcomes(of: scans.count, isQuiet: json.isWanted)
    let there = all.filter { done.contains($0.name) }
    outcomes.skipped = there.map { output.maskPath(of: $0) }
    if replicas.isFirst { noteMissing(there, output) }
    let labels = predictor.models[0].record.preparation.labels
    if cohort.quality { outcomes.estimate = try estimates(predictor, labels, replicas) }
    let interruption = Interruption(finishesScan: replicas.count == 1 && cohort.writesSummaries)
    let end = Result {
      try printingOutcomes(
        replicas, outcomes, then: { try finish(&$0, all, there, by: predictor, output) },
        { report in
          try interruption.ending {
            try predictor.predict(scans, to: output, sharedBy: replicas) {
              try report($0, $1)
              try interruption.requireNone()
            }
          }
        })
    }
    options.show(predictor.times, replicas)
    if interruption.isRequested { throw Interruption.status }
    _ = try end.get()
  }

  /// What makes estimates of how far masks agree.
  private func estimates(
    _ predictor: Predictor, _ labels: LabelScheme, _ replicas: Replicas
  ) throws -> ([Double?]) -> QualityEstimate? {
    let calibration = try replicas.fromFirst { try cohort.calibration(of: predictor, in: modelDir) }
    let names = labels.structures.map(\.name)
    return { agreement in
      calibration.map { $0.estimate(agreement, names) } ?? QualityEstimate(uncalibrated: agreement, names)
    }
  }

  /// The scans of one input, with what is to be said of it.
  private func foundScans(at path: String, _ replicas: Replicas) throws -> [ScanSource] {
    let found = try ScanSource.all(
      at: path, series: series, channels: files.channels?.names ?? [],
      options: DatasetReadingOptions(allowsOutside: files.allowOutside), leavingOut: output)
    if replicas.isFirst {
      if let summary = found.summary, !json.isWanted { print(summary.printable) }
      if let note = found.note { standardErrorLine("Note: \(note.printable)") }
      noteRemarks(found.remarks, limit: .max)
    }
    return found.scans
  }

  /// Tells what masks that stay go without.
  private func noteMissing(_ scans: [ScanSource], _ output: PredictionOutput) {
    for scan in scans {
      for path in output.missingFiles(of: scan) {
        standardErrorLine(
          "Note: \(path): is not made, since the mask is there; without --skip-existing both are.".printable)
      }
    }
  }

  /// Writes the tables and the page of previews and shows JSON, where they are asked for, of the scans whose masks are there.
  ///
  /// - Parameter there: scans whose masks were there and stay.
  private func finish(
    _ outcomes: inout PrintedOutcomes, _ scans: [ScanSource], _ there: [ScanSource], by predictor: Predictor,
    _ output: PredictionOutput
  ) throws {
    let labels = predictor.models[0].record.preparation.labels
    if cohort.preview {
      for scan in there {
        do { try predictor.writePreview(of: scan, output) } catch { outcomes.fail(scan, "\(error)") }
      }
    }
    if let path = cohort.volumes {
      let done = Set(outcomes.predicted.map(\.scan) + there.map(\.name))
      let failed = Set(outcomes.failed.map(\.scan))
      var table = VolumeTable(labels)
      for scan in scans where done.contains(scan.name) && !failed.contains(scan.name) {
        do {
          try table.add(scan.name, maskAt: output.maskPath(of: scan))
        } catch {
          outcomes.fail(scan, "\(error)")
        }
      }
      try table.write(to: path)
      if !json.isWanted { print("volumes \(path)".printable) }
    }
    let quality = try writeQuality(outcomes, there, output)
    if cohort.preview { try writePreviewPage(quality, scans, output, labels) }
    if json.isWanted { return try JSONOutput.show(outcomes) }
    guard outcomes.failed.count < scans.count else { return }
    print(
      cohort.preview
        ? "next: open \(output.previewFolder)/index.html in a browser".printable
        : "next: the same command with --preview shows the masks over their scans")
  }

  /// The estimates of all masks in the folder: those of earlier runs stay until their masks are made anew.
  private func writeQuality(
    _ outcomes: PrintedOutcomes, _ there: [ScanSource], _ output: PredictionOutput
  ) throws -> QualityTable {
    let path = "\(output.folder)/\(CohortOptions.qualityTable)"
    let earlier = QualityTable(contentsOf: path)
    var table = earlier ?? QualityTable()
    for entry in outcomes.predicted {
      table.remove(entry.scan)
      if let quality = entry.quality { table.add(entry.scan, quality) }
    }
    guard cohort.quality else {
      if let earlier, table != earlier { try table.write(to: path) }
      return table
    }
    try table.write(to: path)
    if !json.isWanted { print("quality \(path)".printable) }
    for scan in there where table.summary(of: scan.name) == nil {
      standardErrorLine(
        "Note: \(output.maskPath(of: scan)): has no estimate, since it was there; without --skip-existing it is made with one."
          .printable)
    }
    return table
  }

  /// The page shows every preview in the folder, of earlier runs, too.
  private func writePreviewPage(
    _ quality: QualityTable, _ scans: [ScanSource], _ output: PredictionOutput, _ labels: LabelScheme
  ) throws {
    let scanNames = Dictionary(
      scans.map { (output.name(of: $0), $0.name) }, uniquingKeysWith: { first, _ in first })
    let entries = PreviewPage.names(inFolder: output.previewFolder).map { name in
      PreviewPage.Entry(name: name, caption: quality.summary(of: scanNames[name] ?? name) ?? "")
    }
    guard !entries.isEmpty else { return }
    try PreviewPage(entries, labels).write(toFolder: output.previewFolder)
    if !json.isWanted { print("previews \(output.previewFolder)/index.html".printable) }
  }

  private var inputs: String { input.joined(separator: " ") }

  private func predictionOutput(_ scans: [ScanSource]) throws -> PredictionOutput {
    var result =
      try maskFile(scans)
      ?? PredictionOutput(folder: output, format: format, writesProbabilities: probabilities)
    result.writesPreviews = cohort.preview
    result.estimatesQuality = cohort.quality
    guard dicomSeg else { return result }
    guard scans.contains(where: \.isSeries) else {
      throw ValidationError("--dicom-seg is for DICOM series, and --input \(inputs) is none; leave it out.")
    }
    guard let program = ExternalProgram(named: "itkimage2segimage") else {
      throw DICOMError.noSegmentationWriter
    }
    standardErrorLine("Note: DICOM SEG objects are written by \(program.path)")
    result.segmentationWriter = .init(program: program)
    return result
  }

  /// Of names that are meant for files of other kinds than masks.
  private static let otherFileEndings = [
    ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif", ".dcm", ".npy", ".npz", ".mat", ".h5", ".gz",
    ".zip", ".csv", ".json",
  ]

  /// The output where --output names the file of one mask; nil where it names a folder.
  private func maskFile(_ scans: [ScanSource]) throws -> PredictionOutput? {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: output, isDirectory: &isFolder)
    guard !(exists && isFolder.boolValue) else { return nil }
    guard let file = PredictionOutput(maskPath: output, writesProbabilities: probabilities) else {
      if let ending = Self.otherFileEndings.first(where: output.lowercased().hasSuffix) {
        throw ValidationError(
          "--output \(output): masks are not written as *\(ending); give a folder, or a name that ends in \(ImageFormat.suffixList)."
        )
      }
      return nil
    }
    guard scans.count == 1 else {
      throw ValidationError(
        "--output \(output) names a file, and --input \(inputs) holds \(scans.count) scans; give a folder for their masks."
      )
    }
    guard format == .scans else {
      throw ValidationError("--output \(output) names its format already; leave --format out.")
    }
    return file
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
