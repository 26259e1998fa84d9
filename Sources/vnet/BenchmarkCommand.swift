import ArgumentParser
import CPUBackend
import DurableFiles
import Foundation
import MPICollectives
import Segmentation
import TensorGraph
import VNetModel

struct BenchmarkCommand: ReplicatedCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark",
    abstract: "Time the whole train step, or prediction, on made-up data.")

  @Option(help: "Network: hippocampus, milletari or unpadded.")
  var preset = Preset.hippocampus

  @Option(help: "Images per step, of each process.")
  var batchSize = 8

  @Option(help: "What to time: train or predict.")
  var mode = ThroughputBenchmark.Mode.train

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
    guard batchSize > 0, steps > 0, warmupSteps >= 0 else {
      throw ValidationError("--batch-size and --steps take 1 or more, --warmup-steps takes 0 or more.")
    }
  }

  func run(on world: MPIWorld?) throws {
    let replicas = Replicas(world)
    var overrides = OptionOverrides(defaults: TrainingOptions(preset: preset))
    try structure.apply(to: &overrides)
    try overrides.set(\.batchSize, batchSize, "--batch-size")
    // Clipping is part of the recipe that peers are timed with.
    try overrides.set(\.optimizer.clipNorm, 1, "--clip-norm")
    let executor = try device.executor(on: world)
    let decision = try precision.decision(on: executor)
    try overrides.set(\.optimizer.lossScale, decision.lossScale, "--loss-scale")
    let benchmark = try ThroughputBenchmark(
      overrides.options, mode: mode, warmUp: warmupSteps, steps: steps,
      executor: executor, halfDType: decision.halfDType, replicas: replicas,
      dataParallel: replica.dataParallel)
    guard replicas.isFirst else { return }
    let dtype = decision.halfDType?.rawValue ?? DType.f32.rawValue
    let text = try figures(benchmark, executor.summary, (executor as? CPUExecutor)?.threadCount, dtype)
    if json == "-" { return print(text) }
    if let json { try AtomicFile.write(text + "\n", to: json) }
    report(benchmark, executor.summary, decision.summary)
  }

  private static let percentiles = [50, 90, 95, 99]

  private func report(_ benchmark: ThroughputBenchmark, _ device: String, _ precision: String) {
    func milliseconds(_ seconds: Double) -> String { String(format: "%.1f", 1000 * seconds) }
    let latencies = Self.percentiles.map { "\($0) % \(milliseconds(benchmark.percentile(Double($0))))" }
    print(
      """
      \(device)
      \(precision)
      \(mode.rawValue), batch \(batchSize)\(processes(benchmark)): \(String(format: "%.2f", benchmark.imagesPerSecond)) images/s
      latency in ms: mean \(milliseconds(benchmark.meanSeconds)), \(latencies.joined(separator: ", "))
      peak memory \(peakMemory / 1024) MiB
      """)
    for (index, allReduce) in benchmark.allReduces.enumerated() {
      print(
        "all-reduce \(index + 1): \(allReduce.byteCount >> 10) KiB, \(milliseconds(allReduce.seconds)) ms, "
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

  private func processes(_ benchmark: ThroughputBenchmark) -> String {
    benchmark.replicaCount > 1 ? " on each of \(benchmark.replicaCount) processes" : ""
  }

  private func figures(_ benchmark: ThroughputBenchmark, _ device: String, _ threads: Int?, _ dtype: String)
    throws -> String
  {
    let figures = BenchmarkFigures(
      device: device, mode: mode.rawValue, dtype: dtype, batchSize: batchSize,
      processes: benchmark.replicaCount, threads: threads, steps: steps,
      imagesPerSecond: benchmark.imagesPerSecond, meanSeconds: benchmark.meanSeconds,
      secondsByPercentile: Dictionary(
        uniqueKeysWithValues: Self.percentiles.map { ("\($0)", benchmark.percentile(Double($0))) }),
      peakMemoryKiB: peakMemory,
      shares: Dictionary(uniqueKeysWithValues: benchmark.shares.map { ($0.operation, $0.fraction) }),
      allReduces: benchmark.allReduces)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(figures), as: UTF8.self)
  }

  /// The largest resident memory of this process so far, in KiB.
  private var peakMemory: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss
  }
}

extension ThroughputBenchmark.Mode: ExpressibleByArgument {}

/// What `--json` writes, on one line.
private struct BenchmarkFigures: Encodable {
  var program = "vnet"
  let device: String
  let mode: String
  let dtype: String
  /// Of each process.
  let batchSize: Int
  let processes: Int
  /// Of each process; nil where others than the CPU's threads compute.
  let threads: Int?
  let steps: Int
  let imagesPerSecond: Double
  let meanSeconds: Double
  let secondsByPercentile: [String: Double]
  let peakMemoryKiB: Int
  /// The part of the time that each kind of operation takes.
  let shares: [String: Double]
  let allReduces: [ThroughputBenchmark.AllReduce]
}
