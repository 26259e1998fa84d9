import ArgumentParser
import DurableFiles
import Foundation
import Segmentation
import TensorGraph
import VNetModel

struct BenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark",
    abstract: "Time the whole train step, or prediction, on made-up data.")

  @Option(help: "Network: hippocampus, milletari or unpadded.")
  var preset = Preset.hippocampus

  @Option(help: "Images per step.")
  var batchSize = 8

  @Option(help: "Steps that are measured.")
  var steps = 10

  @Option(help: "Steps before those.")
  var warmUp = 3

  @Flag(help: "Time prediction instead of training.")
  var inference = false

  @Option(help: ArgumentHelp("Write the figures to this file; - for the output.", valueName: "file"))
  var json: String?

  @OptionGroup(title: "Mixed precision") var precision: PrecisionOptions
  @OptionGroup(title: "Structure") var structure: StructureOptions
  @OptionGroup(title: "Device") var device: DeviceOptions

  func validate() throws {
    guard batchSize > 0, steps > 0, warmUp >= 0 else {
      throw ValidationError("--batch-size and --steps take 1 or more, --warm-up takes 0 or more.")
    }
  }

  func run() throws {
    var overrides = OptionOverrides(defaults: TrainingOptions(preset: preset))
    try structure.apply(to: &overrides)
    try overrides.set(\.batchSize, batchSize, "--batch-size")
    // Clipping is part of the recipe that peers are timed with.
    try overrides.set(\.optimizer.clipNorm, 1, "--clip-norm")
    let executor = try device.executor()
    let decision = try precision.decision(on: executor)
    try overrides.set(\.optimizer.lossScale, decision.lossScale, "--loss-scale")
    let benchmark = try ThroughputBenchmark(
      overrides.options, mode: inference ? .inference : .training, warmUp: warmUp, steps: steps,
      executor: executor, halfDType: decision.halfDType)
    let dtype = decision.halfDType?.rawValue ?? DType.f32.rawValue
    let text = figures(benchmark, executor.summary, executor.threadCount, dtype)
    if json == "-" { return print(text) }
    if let json { try AtomicFile.write(text + "\n", to: json) }
    let latencies = [50, 90, 95, 99].map { p in
      "\(p) % \(String(format: "%.1f", 1000 * benchmark.percentile(Double(p))))"
    }
    print(
      """
      \(executor.summary)
      \(decision.summary)
      \(benchmark.mode.rawValue), batch \(batchSize): \
      \(String(format: "%.2f", benchmark.imagesPerSecond)) images/s
      latency in ms: \(latencies.joined(separator: ", "))
      peak memory \(peakMemory / 1024) MiB
      """)
  }

  private func figures(_ benchmark: ThroughputBenchmark, _ device: String, _ threads: Int, _ dtype: String)
    -> String
  {
    func number(_ value: Double) -> String { String(format: "%.5f", value) }
    let program = "\"program\": \"vnet\", \"device\": \"\(device)\""
    let percentiles = [50, 90, 95, 99].map { p in
      "\"seconds_p\(p)\": \(number(benchmark.percentile(Double(p))))"
    }
    return "{\(program), \"mode\": \"\(benchmark.mode.rawValue)\", \"dtype\": \"\(dtype)\", "
      + "\"batch_size\": \(batchSize), \"threads\": \(threads), \"steps\": \(steps), "
      + percentiles.joined(separator: ", ")
      + ", \"images_per_second\": \(number(benchmark.imagesPerSecond)), \"peak_memory_kib\": \(peakMemory)}"
  }

  /// The largest resident memory of this process so far, in KiB.
  private var peakMemory: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss
  }
}
