import ArgumentParser
import CPUBackend
import Foundation
import MedicalImaging
import Networks
import PJRTBackend
import PlainText
import Segmentation
import TensorGraph

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Describe a scan, a data set, a model, a cross-validation, or a preset's network.",
    discussion: """
      vnet inspect model
      vnet inspect scan.nii.gz --json
      """)

  @Argument(
    help:
      "A scan, the folder of a data set, of a model or of a cross-validation, or a model in one file; none with --preset or --network."
  )
  var path: String?

  @Option(help: "Describe this preset's network instead of a path.")
  var preset: Preset?

  @Option(help: "Batch size of the graph or plan (the model's own, or 2).")
  var batchSize: Int?

  @Flag(help: "Print the graph of the train step.")
  var graph = false

  @Flag(
    help:
      "Print how this machine runs the train step: every primitive, its layout, the memory; with --threads also how far so many threads could share each."
  )
  var plan = false

  @Flag(help: "Also list every tensor of the network.")
  var tensors = false

  @OptionGroup var output: JSONOutput
  @OptionGroup(title: "Data set") var data: DatasetForm
  @OptionGroup(title: "Mixed precision") var precision: PrecisionOptions
  @OptionGroup(title: "Structure") var structure: StructureOptions
  @OptionGroup(title: "Device") var device: DeviceOptions

  func validate() throws {
    let subjects = [path != nil, data.namesDataset, describesNetwork].count { $0 }
    guard subjects == 1 else {
      throw ValidationError(
        "give either a path, or --images and --labels, or --data-list, or --preset, --network or both.")
    }
    try require(batchSize, "--batch-size", 1...4096)
  }

  private var describesNetwork: Bool { preset != nil || structure.network != nil }

  func run() throws {
    if output.isWanted, describesNetwork || graph || plan {
      throw ValidationError("--json is for scans, data sets and models; leave it out.")
    }
    if describesNetwork {
      try data.requireUnused(by: "a network")
      var overrides = OptionOverrides(defaults: TrainingOptions(preset: preset ?? .hippocampus))
      try structure.apply(to: &overrides)
      return try describe(overrides.options)
    }
    guard let path else { return try describeDataset(try data.dataset(orIn: nil)) }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw SegmentationError.noCases(
        reason: "\(path): there is no such file or folder; give a scan, a data set or a model's folder.")
    }
    if let folder = ScanSource.dicomFolder(at: path) {
      try requireNone(besides: ["json"], by: "a DICOM series")
      try describeSeries(folder)
    } else if !isFolder.boolValue, path.hasSuffix(".safetensors") {
      try describeModel(ModelFolder(path))
    } else if !isFolder.boolValue {
      try requireNone(besides: ["json"], by: "a scan")
      try describeScan(path)
    } else if ModelFolder(path).holdsModel {
      try describeModel(ModelFolder(path))
    } else if !ModelFolder(path).folds.isEmpty, !DatasetLayout.holdsDataset(path) {
      try requireNone(besides: ["json"], by: "a cross-validation")
      try describeFolds(ModelFolder(path))
    } else {
      try describeDataset(try data.dataset(orIn: path))
    }
  }

  /// - Parameters:
  ///   - used: the options that what is described has a use for.
  ///   - subject: what errors call it.
  /// - Throws: `ValidationError` where another is given.
  private func requireNone(besides used: Set<String>, by subject: String) throws {
    let unused = ConfiguredArguments.givenOptions.map(\.name).filter { !used.contains($0) }
    guard let name = unused.first else { return }
    throw ValidationError("--\(name) is of no use to describe \(subject); leave it out.")
  }

  // MARK: Scan

  private func describeScan(_ path: String) throws {
    let header: ImageHeader
    // A header may be well where the voxels behind it are not.
    do throws(ImageError) { header = try Image(contentsOf: path).header } catch {
      guard case .tooLargeForMemory = error else { throw error }
      standardErrorLine("Note: its voxels were not read: \("\(error)".printable)")
      header = try ImageHeader(contentsOf: path)
    }
    try describe(header, path)
  }

  private func describe(_ header: ImageHeader, _ path: String) throws {
    let geometry = header.geometry
    if output.isWanted { return try JSONOutput.show(ScanSummary(header, path)) }
    print(
      """
      file         \(path.printable)
      format       \(header.formatDescription)
      voxels       \(header.size), \(header.channelCount) channel(s)
      spacing      \(numbers(geometry.spacing)) mm
      orientation  \(orientation(of: header))
      origin       \(numbers(geometry.origin)) mm
      affine       \(geometry.affine.map(numbers).joined(separator: "\n             "))
      """)
    for detail in header.details {
      print("\(detail.name.padding(toLength: 12, withPad: " ", startingAt: 0)) \(detail.value.printable)")
    }
  }

  /// The order of the axes, and what is odd about it.
  private func orientation(of header: ImageHeader) -> String {
    let angle = header.geometry.obliqueness
    return header.geometry.orientation
      + (angle >= 0.05 ? String(format: ", oblique by %.1f degrees", angle) : "")
      + (header.tellsOrientation ? "" : " (the file tells none)")
  }

  /// Each DICOM series, and where dcm2niix is there what it makes of the original ones.
  private func describeSeries(_ folder: DICOMFolder) throws {
    print(folder.summary.printable)
    guard let converter = ExternalProgram(named: "dcm2niix") else {
      return print("\(DICOMError.noConverter(path: folder.path))")
    }
    for series in folder.series where series.kind == .original {
      print("")
      do {
        try series.withConverted(by: converter) {
          try describe(
            try ImageHeader(contentsOf: $0.path), "\(series.summary), converted by \(converter.path)")
        }
      } catch {
        print("\(error)")
      }
    }
  }

  private func numbers(_ values: [Double]) -> String {
    values.map { String(format: "%g", $0) }.joined(separator: " ")
  }

  // MARK: Data set

  private func describeDataset(_ dataset: Dataset) throws {
    // 'vnet verify' has no option but those of data sets and of what is printed.
    try requireNone(
      besides: Set(try CommandCatalogue().configurable(of: "verify").map(\.name)), by: "a data set")
    var sizes: [GridSize] = []
    var spacings: [[Double]] = []
    var grids = GridSurvey()
    for entry in dataset.training {
      let header = try ImageHeader(contentsOf: entry.imagePath)
      grids.add(header)
      let grid = header.grid.rearranged(by: OrientationChoice.canonical.rearrangement(of: header.geometry))
      sizes.append(grid.size)
      spacings.append(grid.geometry.spacing)
    }
    if output.isWanted { return try JSONOutput.show(DatasetSummary(dataset, sizes, spacings)) }
    print(
      """
      data set     \(dataset.name.printable)
      layout       \(dataset.summary.printable)
      cases        \(dataset.training.count) labelled, \(dataset.test.count) without masks
      channels     \(dataset.channelNames.joined(separator: ", ").printable)
      classes      \("\(dataset.labels)".printable)
      """)
    for (axis, name) in ["R", "A", "S"].enumerated() {
      let extents = sizes.map { $0.extents[axis] }.sorted()
      let spacing = spacings.map { $0[axis] }.sorted()
      guard let least = extents.first, let most = extents.last else { return }
      print(
        "axis \(name)       \(least) to \(most) voxels, median \(extents[extents.count / 2]); spacing "
          + "\(numbers([spacing[0]])) to \(numbers([spacing[spacing.count - 1]])) mm")
    }
    for line in grids.lines { print(line) }
    if let path {
      suggest("verify", "--data-dir", path)
    } else {
      suggest("verify", repeating: dataOptions(of: "verify"))
    }
  }

  // MARK: Model

  private func describeModel(_ folder: ModelFolder) throws {
    try data.requireUnused(by: "a model")
    let record = try Checkpoint(folder).record
    if graph || plan {
      // The model's own structure counts: a saved option takes no other value.
      var overrides = OptionOverrides(saved: record.options)
      try structure.apply(to: &overrides)
      return try describeSteps(record.options)
    }
    try requireNone(besides: output.isWanted ? ["json"] : ["tensors"], by: "a model")
    let summary = try ModelSummary(folder)
    if output.isWanted { return try JSONOutput.show(summary) }
    printTopics(summary.lines)
    if let grids = record.trainingGrids { print(grids.summary(seen: record.preparation.orientation)) }
    if let plan = record.plan { print(plan.summary) }
    if tensors { try describeTensors(record.options) }
    suggest("predict", "--model-dir", folder.path, "--input", "scans", "--output", "masks")
  }

  /// A line for each fold, and what is missing.
  private func describeFolds(_ folder: ModelFolder) throws {
    let summaries = try folder.folds.map { try ModelSummary($0) }
    if output.isWanted { return try JSONOutput.show(summaries) }
    print("cross-validation of \(summaries[0].dataSet), \(summaries[0].preset)".printable)
    for summary in summaries {
      let score = summary.meanScore.map { String(format: "soft Dice %.4f", $0) } ?? "not validated"
      print(
        "  \(summary.path)  \(summary.epochsDone) of \(counted(summary.epochs, "epoch")), "
          + "\(counted(summary.validationCases, "case validates", "cases validate")), \(score)".printable)
    }
    for gap in try CrossValidation(folder, folder.folds.map { try Checkpoint($0).record }).gaps { print(gap) }
    suggest("evaluate", "--data-dir", "data", "--model-dir", folder.path)
  }

  /// On an accelerator the StableHLO module. On the CPU the plan's steps, and what memory a run takes at its peak: what
  /// the process has now, the parameters among it, the arena, and the constants.
  private func describePlan(of graph: Graph, _ options: TrainingOptions, on executor: any Executor) throws {
    guard let executor = executor as? CPUExecutor else {
      return print(StableHLOProgram(graph, allowsTF32: device.accelerator.allowsTF32).text, terminator: "")
    }
    let executable = try executor.compileForCPU(graph)
    print(executable.planDescription)
    defer { printPeak(of: executable) }
    guard device.threads != nil else { return }
    try executor.load(try ModelGraphs(options).initialTensors(seed: options.seed))
    try printBounds(of: executable, ThroughputBenchmark.inputs(graph, options, deviceCount: 1))
  }

  private func printPeak(of executable: CPUExecutable) {
    let statistics = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
    guard let statistics, statistics.count > 1, let pages = Int(statistics[1]) else { return }
    let process = pages * sysconf(Int32(_SC_PAGESIZE))
    let peak = Double(process + executable.arenaByteCount + executable.constantByteCount) / 1_048_576
    print(
      "peak memory about \(Int(peak.rounded())) MiB: the arena, the constants, and \(process >> 20) MiB of weights, "
        + "state and program")
  }

  private static let boundedRuns = 3

  /// How far the threads could share each step: the items of its loops against their number.
  private func printBounds(of executable: CPUExecutable, _ inputs: [String: Tensor]) throws {
    let runs = try (0..<Self.boundedRuns).map { _ in try executable.stepBounds(inputs) }
    let bounds = runs[0].indices.map { step in runs.map { $0[step] }.min { $0.seconds < $1.seconds }! }
    print(
      "bound on \(counted(bounds.first?.threadCount ?? 1, "thread")): time on one, share of all threads' time with work"
    )
    for bound in bounds {
      print(
        String(format: "  %9.3f ms  %5.1f %%  ", 1e3 * bound.seconds, 100 * bound.share)
          + "\(bound.name)  [\(bound.detail)]")
    }
    print(String(format: "bound of the whole plan %.3f", StepBound.share(bounds)))
  }

  private func describe(_ options: TrainingOptions) throws {
    let network = try options.network.validated()
    if graph || plan { return try describeSteps(options) }
    func text(_ extents: [Int]) -> String { extents.map(String.init).joined(separator: " ") }
    printTopics(
      [
        ("preset", options.preset.rawValue),
        ("network", network.architecture.kind.rawValue),
        ("input", "\(text(network.inputShape)), \(network.inputChannels) channel(s)"),
        ("output", "\(text(network.outputShape)), \(network.classCount) classes"),
      ] + network.summary + [("parameters", "\(try network.trainableParameterCount())")])
    if tensors { try describeTensors(options) }
  }

  private func describeTensors(_ options: TrainingOptions) throws {
    for parameter in try options.network.parameters() {
      print("  \(parameter.name)  \(parameter.type.shape)\(parameter.kind == .state ? "  (state)" : "")")
    }
  }

  /// The train step, as a graph or as this machine runs it.
  private func describeSteps(_ options: TrainingOptions) throws {
    // Measured on more threads than there are processors, times would be those of waiting.
    let executor = try device.executors(measures: device.threads ?? 1 <= ProcessorLimit.threadCount)()
    let decision = try precision.decision(on: executor)
    var step = try ModelGraphs(options).trainStep(batchSize: batchSize ?? options.batchSize)
    if let dtype = decision.halfDType {
      let rewritten = try step.mixedPrecision(dtype)
      print("\(decision.summary)\n\(rewritten.report)")
      step = rewritten.graph
    }
    if graph { print(step) }
    if plan { try describePlan(of: step, options, on: executor) }
  }
}
