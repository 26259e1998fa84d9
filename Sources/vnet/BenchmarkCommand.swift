import ArgumentParser
import CPUBackend
import DurableFiles
import Foundation
import MPICollectives
import MedicalImaging
import Networks
import Segmentation
import TensorGraph

struct BenchmarkCommand: ReplicatedCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark",
    abstract:
      "Time the whole train step, or prediction, on made-up data, or the making of batches from scans; or set the steps of a CPU against what the machine can do at most.",
    discussion: """
      vnet benchmark --preset hippocampus --steps 50 --warmup-steps 10
      vnet benchmark --mode predict --batch-size 1 --json -
      """)

  @Option(help: "Network: hippocampus, accurate, fast, milletari or unpadded.")
  var preset = Preset.hippocampus

  @Option(help: "Images per step, of each process.")
  var batchSize = 8

  @Option(
    help:
      "What to time: train, predict, batches (reading, augmentation; on one thread), or roofline (the train step, each step beside its bound by the machine's peak and memory)."
  )
  var mode = BenchmarkMode.train

  @Option(help: "Data set for --mode batches (a phantom made for it).")
  var dataDir: String?

  @Option(help: "Steps that are measured.")
  var steps = 200

  @Option(help: "Steps before those.")
  var warmupSteps = 200

  @Flag(help: "Print the time of every operation, too.")
  var operations = false

  @Option(help: ArgumentHelp("Write the figures to this file; - for the output.", valueName: "file"))
  var json: String?

  @OptionGroup(title: "Mixed precision") var precision: PrecisionOptions
  @OptionGroup(title: "Structure") var structure: StructureOptions
  @OptionGroup(title: "Several processes") var replica: ReplicaOptions
  @OptionGroup(title: "Device") var device: DeviceOptions

  func validate() throws {
    try require(batchSize, "--batch-size", 1...4096)
    try require(steps, "--steps", 1...1_000_000_000)
    try require(warmupSteps, "--warmup-steps", 0...1_000_000_000)
    if mode == .predict { try device.requireOneDevice() }
    guard dataDir == nil || mode == .batches else {
      throw ValidationError("--data-dir is for --mode batches; what else is timed runs on made-up data.")
    }
    if let option = withoutUse.first {
      throw ValidationError("\(option) does not apply to --mode \(mode.rawValue); leave one of them out.")
    }
    guard !operations || json != "-" else {
      throw ValidationError("--operations prints what --json - does not hold; leave one of them out.")
    }
  }

  /// The options that were given and the mode has no use for.
  private var withoutUse: [String] {
    let compression = replica.compressGradients == nil ? [] : ["--compress-gradients"]
    switch mode {
    case .train: return []
    case .predict: return compression
    case .batches: return compression + precision.given + device.given + (operations ? ["--operations"] : [])
    case .roofline: return compression + (operations ? ["--operations"] : [])
    }
  }

  func run(on world: MPIWorld?) throws {
    let replicas = Replicas(world)
    try replica.requireReplicas(world, device)
    guard mode != .roofline || replicas.count == 1 else {
      throw ValidationError("--mode roofline is of one process; start it without mpirun.")
    }
    var overrides = OptionOverrides(defaults: TrainingOptions(preset: preset))
    try structure.apply(to: &overrides)
    try overrides.set(\.batchSize, batchSize, "--batch-size")
    if mode == .batches {
      if replicas.isFirst { try timeBatches(overrides.options) }
      return
    }
    // Clipping is part of the recipe that peers are timed with.
    try overrides.set(\.clipNorm, 1, "--clip-norm")
    let executor = try device.executor(on: world)
    let decision = try precision.decision(on: executor)
    try overrides.set(\.lossScale, decision.lossScale, "--loss-scale")
    guard let graph = mode.graph else {
      return try showRoofline(overrides.options, executor, decision)
    }
    let benchmark = try ThroughputBenchmark(
      overrides.options, mode: graph, warmUp: warmupSteps, steps: steps,
      executor: executor, halfDType: decision.halfDType, replicas: replicas,
      dataParallel: DataParallel(compression: replica.compressGradients?.dtype))
    guard replicas.isFirst else { return }
    let dtype = decision.halfDType?.rawValue ?? DType.f32.rawValue
    let text = try figures(
      benchmark, executor.summary, (executor as? CPUExecutor)?.threadCount, dtype)
    if try isOutput(text) { return }
    report(benchmark, executor.summary, decision.summary)
  }

  /// Times the making of batches out of a data set's training cases.
  private func timeBatches(_ options: TrainingOptions) throws {
    var options = options
    options.sampling.patches?.wishes.batchSize = batchSize
    if !structure.inputShape.isEmpty { options.sampling.patches?.wishes.patchShape = structure.inputShape }
    let benchmark = try withDataset { dataset in
      try BatchBenchmark(dataset, options, warmUp: warmupSteps, steps: steps)
    }
    let device = "CPU, 1 thread"
    if try isOutput(try figures(benchmark.times, device, 1, benchmark.imagesPerSecond).json()) { return }
    print(device)
    report(benchmark.times, "", benchmark.imagesPerSecond)
  }

  /// Calls `body` with the data set that was asked for, or a phantom that is gone afterwards.
  private func withDataset<Result>(_ body: (Dataset) throws -> Result) throws -> Result {
    if let dataDir { return try body(try Dataset(folder: dataDir)) }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vnet-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(try PhantomDataset.write(PhantomConfiguration(caseCount: 16), to: folder))
  }

  /// Writes the figures where they were asked for. Returns whether they are the whole output.
  func isOutput(_ text: String) throws -> Bool {
    if json == "-" {
      print(text)
      return true
    }
    if let json { try AtomicFile.write(text + "\n", to: json) }
    return false
  }

  private static let percentiles = [50, 90, 95, 99]

  private func report(_ benchmark: ThroughputBenchmark, _ device: String, _ precision: String) {
    print(device)
    print(precision)
    report(benchmark.times, replicas(benchmark), benchmark.imagesPerSecond)
    print("compiled in \(Self.milliseconds(benchmark.compileSeconds)) ms")
    for (index, allReduce) in benchmark.allReduces.enumerated() {
      print(
        "all-reduce \(index + 1): \(allReduce.byteCount >> 10) KiB, \(Self.milliseconds(allReduce.seconds)) ms, "
          + String(format: "%.0f %% hidden", 100 * allReduce.hiddenShare))
    }
    for share in benchmark.shares where share.fraction >= 0.005 {
      let percent = String(format: "%5.1f %%  %8.2f ms", 100 * share.fraction, 1000 * share.seconds)
      print("\(percent)  \(share.operation)")
    }
    guard operations else { return }
    for operation in benchmark.operations {
      print(
        "\(String(format: "%8.3f", 1000 * operation.seconds)) ms  \(operation.name)  [\(operation.detail)]")
    }
  }

  private func report(_ times: RunTimes, _ layout: String, _ imagesPerSecond: Double) {
    let latencies = Self.percentiles.map { "\($0) % \(Self.milliseconds(times.percentile(Double($0))))" }
    print(
      """
      \(mode.rawValue), batch \(batchSize)\(layout): \(String(format: "%.2f", imagesPerSecond)) images/s
      latency in ms: mean \(Self.milliseconds(times.mean)), \(latencies.joined(separator: ", "))
      peak memory \(peakMemory / 1024) MiB
      """)
  }

  private static func milliseconds(_ seconds: Double) -> String { String(format: "%.1f", 1000 * seconds) }

  private func replicas(_ benchmark: ThroughputBenchmark) -> String {
    let kind = device.accelerator.devices == nil ? "processes" : "devices"
    return benchmark.replicaCount > 1 ? " on each of \(benchmark.replicaCount) \(kind)" : ""
  }

  private func figures(_ benchmark: ThroughputBenchmark, _ device: String, _ threads: Int?, _ dtype: String)
    throws -> String
  {
    var figures = figures(benchmark.times, device, threads, benchmark.imagesPerSecond)
    figures.dtype = dtype
    figures.processes = benchmark.replicaCount
    figures.shares = Dictionary(uniqueKeysWithValues: benchmark.shares.map { ($0.operation, $0.fraction) })
    figures.allReduces = benchmark.allReduces
    figures.compileSeconds = benchmark.compileSeconds
    return try figures.json()
  }

  private func figures(
    _ times: RunTimes, _ device: String, _ threads: Int?, _ imagesPerSecond: Double
  ) -> BenchmarkFigures {
    BenchmarkFigures(
      device: device, mode: mode.rawValue, batchSize: batchSize, threads: threads, steps: steps,
      imagesPerSecond: imagesPerSecond, meanSeconds: times.mean,
      secondsByPercentile: Dictionary(
        uniqueKeysWithValues: Self.percentiles.map { ("\($0)", times.percentile(Double($0))) }),
      peakMemoryKiB: peakMemory)
  }

  /// The largest resident memory of this process so far, in KiB.
  private var peakMemory: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss
  }
}

/// What `vnet benchmark` times.
enum BenchmarkMode: String, CaseIterable, ExpressibleByArgument {
  case train
  case predict
  case batches
  case roofline

  /// nil where its whole is not timed.
  var graph: ThroughputBenchmark.Mode? { ThroughputBenchmark.Mode(rawValue: rawValue) }
}

/// What `--json` writes, on one line.
protocol BenchmarkReport: Encodable {}

extension BenchmarkReport {
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}

private struct BenchmarkFigures: BenchmarkReport {
  var program = "vnet"
  let device: String
  let mode: String
  var dtype = DType.f32.rawValue
  /// Of each process.
  let batchSize: Int
  var processes = 1
  /// Of each process; nil where others than the CPU's threads compute.
  let threads: Int?
  let steps: Int
  let imagesPerSecond: Double
  let meanSeconds: Double
  let secondsByPercentile: [String: Double]
  let peakMemoryKiB: Int
  /// The part of the time that each kind of operation takes.
  var shares: [String: Double] = [:]
  var allReduces: [ThroughputBenchmark.AllReduce] = []
  /// nil where nothing is compiled.
  var compileSeconds: Double?
}
