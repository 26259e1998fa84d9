import ArgumentParser
import CPUBackend
import Foundation
import MedicalImaging
import Networks
import PJRTBackend
import Segmentation
import TensorGraph

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Describe a scan, a data set, a model's folder, or a preset's network.")

  @Argument(
    help: "A scan, the folder of a data set, or the folder of a model; none with --preset or --network.")
  var path: String?

  @Option(help: "Describe this preset's network instead of a path.")
  var preset: Preset?

  @Option(help: "Batch size of the graph or plan (the model's own, or 2).")
  var batchSize: Int?

  @Flag(help: "Print the graph of the train step.")
  var graph = false

  @Flag(help: "Print how this machine runs the train step: every primitive, its layout, the memory.")
  var plan = false

  @OptionGroup(title: "Mixed precision") var precision: PrecisionOptions
  @OptionGroup(title: "Structure") var structure: StructureOptions
  @OptionGroup(title: "Device") var device: DeviceOptions

  func validate() throws {
    guard (path == nil) == describesNetwork else {
      throw ValidationError("give either a path, or --preset, --network or both.")
    }
    try require(batchSize, "--batch-size", 1...4096)
  }

  private var describesNetwork: Bool { preset != nil || structure.network != nil }

  func run() throws {
    if describesNetwork {
      var overrides = OptionOverrides(defaults: TrainingOptions(preset: preset ?? .hippocampus))
      try structure.apply(to: &overrides)
      return try describe(overrides.options)
    }
    guard let path else { return }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw SegmentationError.noCases(
        reason: "\(path): there is no such file or folder; give a scan, a data set or a model's folder.")
    }
    if !isFolder.boolValue {
      try describeScan(path)
    } else if ModelFolder(path).holdsModel {
      try describeModel(ModelFolder(path))
    } else {
      try describeDataset(try Dataset(folder: path))
    }
  }

  // MARK: Scan

  private func describeScan(_ path: String) throws {
    let header = try ImageHeader(contentsOf: path)
    let geometry = header.geometry
    print(
      """
      file         \(path)
      format       \(header.formatDescription)
      voxels       \(header.size), \(header.channelCount) channel(s)
      spacing      \(numbers(geometry.spacing)) mm
      orientation  \(geometry.orientation)
      origin       \(numbers(geometry.origin)) mm
      affine       \(geometry.affine.map(numbers).joined(separator: "\n             "))
      """)
    for detail in header.details {
      print("\(detail.name.padding(toLength: 12, withPad: " ", startingAt: 0)) \(detail.value)")
    }
  }

  private func numbers(_ values: [Double]) -> String {
    values.map { String(format: "%g", $0) }.joined(separator: " ")
  }

  // MARK: Data set

  private func describeDataset(_ dataset: Dataset) throws {
    var sizes: [GridSize] = []
    var spacings: [[Double]] = []
    for entry in dataset.training {
      let header = try ImageHeader(contentsOf: entry.imagePath)
      sizes.append(header.size)
      spacings.append(header.geometry.spacing)
    }
    print(
      """
      data set     \(dataset.name)
      cases        \(dataset.training.count) labelled, \(dataset.test.count) without masks
      channels     \(dataset.channelNames.joined(separator: ", "))
      classes      \(dataset.labels)
      """)
    for (axis, name) in ["i", "j", "k"].enumerated() {
      let extents = sizes.map { $0.extents[axis] }.sorted()
      let spacing = spacings.map { $0[axis] }.sorted()
      guard let least = extents.first, let most = extents.last else { return }
      print(
        "axis \(name)       \(least) to \(most) voxels, median \(extents[extents.count / 2]); spacing "
          + "\(numbers([spacing[0]])) to \(numbers([spacing[spacing.count - 1]])) mm")
    }
  }

  // MARK: Model

  private func describeModel(_ folder: ModelFolder) throws {
    let record = try Checkpoint(folder).record
    let best = record.bestEpoch.map { "\($0 + 1)" } ?? "none"
    print(
      """
      model        \(folder.path)
      data set     \(record.datasetName)
      cases        \(record.trainingCases.count) training, \(record.validationCases.count) validation
      classes      \(record.preparation.labels)
      epochs       \(record.epoch), best on validation: \(best)
      """)
    if let plan = record.plan { print(plan.summary) }
    try describe(record.options)
  }

  /// On an accelerator the StableHLO module. On the CPU the plan's steps, and what memory a run takes at its peak: what
  /// the process has now, the parameters among it, the arena, and the constants.
  private func describePlan(of graph: Graph, on executor: any Executor) throws {
    guard let executor = executor as? CPUExecutor else {
      return print(StableHLOProgram(graph, allowsTF32: device.accelerator.allowsTF32).text, terminator: "")
    }
    let executable = try executor.compileForCPU(graph)
    print(executable.planDescription)
    let statistics = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
    guard statistics.count > 1, let pages = Int(statistics[1]) else { return }
    let process = pages * sysconf(Int32(_SC_PAGESIZE))
    let peak = Double(process + executable.arenaByteCount + executable.constantByteCount) / 1_048_576
    print(
      "peak memory about \(Int(peak.rounded())) MiB: the arena, the constants, and \(process >> 20) MiB of weights, "
        + "state and program")
  }

  private func describe(_ options: TrainingOptions) throws {
    let network = try options.network.validated()
    if graph || plan {
      let executor = try device.executor()
      let decision = try precision.decision(on: executor)
      let graphs = try ModelGraphs(options)
      var step = try graphs.trainStep(batchSize: batchSize ?? options.batchSize)
      if let dtype = decision.halfDType {
        let rewritten = try step.mixedPrecision(dtype)
        print("\(decision.summary)\n\(rewritten.report)")
        step = rewritten.graph
      }
      if graph { print(step) }
      if plan { try describePlan(of: step, on: executor) }
      return
    }
    func text(_ extents: [Int]) -> String { extents.map(String.init).joined(separator: " ") }
    let description: [(topic: String, text: String)] =
      [
        ("preset", options.preset.rawValue),
        ("network", network.architecture.kind.rawValue),
        ("input", "\(text(network.inputShape)), \(network.inputChannels) channel(s)"),
        ("output", "\(text(network.outputShape)), \(network.classCount) classes"),
      ] + network.summary + [("parameters", "\(try network.trainableParameterCount())")]
    for line in description {
      print("\(line.topic.padding(toLength: 13, withPad: " ", startingAt: 0))\(line.text)")
    }
    for parameter in try network.parameters() {
      print("  \(parameter.name)  \(parameter.type.shape)\(parameter.kind == .state ? "  (state)" : "")")
    }
  }
}
