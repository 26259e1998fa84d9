import ArgumentParser
import CPUBackend
import Foundation
import Segmentation
import TensorGraph

extension BenchmarkCommand {
  /// Sets every step of a train step against what the machine's peaks allow.
  func showRoofline(
    _ options: TrainingOptions, _ executor: any Executor, _ decision: PrecisionDecision
  ) throws {
    guard let executor = executor as? CPUExecutor else {
      throw ValidationError("--mode roofline knows the CPU's steps only; leave --device out, or take cpu.")
    }
    let graphs = try ModelGraphs(options, halfDType: decision.halfDType)
    let graph = try graphs.trainStep(batchSize: batchSize)
    let executable = try executor.compileForCPU(graph)
    try executor.load(try graphs.initialTensors(seed: options.seed))
    let inputs = ThroughputBenchmark.inputs(graph, options, deviceCount: 1)
    for _ in 0..<warmupSteps { _ = try executable.run(inputs) }
    let peak = try MachinePeak(threads: executor.threadCount)
    let roofline = Roofline(
      device: executor.summary, peak: peak, steps: try executable.stepWork(inputs, runs: steps, peak))
    if try isOutput(try roofline.json()) { return }
    print("\(executor.summary)\n\(decision.summary)\n\(roofline)")
  }
}

/// What `vnet benchmark --mode roofline` shows.
private struct Roofline: BenchmarkReport, CustomStringConvertible {
  var program = "vnet"
  let device: String
  let peak: MachinePeak
  let steps: [StepWork]

  var description: String {
    ([
      peaks, "     ms   bound by         share      MiB    GFLOP",
    ] + steps.map(line) + [
      String(
        format: "all %.2f ms, bound %.2f ms, share %.2f; convolutions %.2f ms, bound %.2f ms, share %.2f",
        1e3 * seconds(of: steps), 1e3 * bound(of: steps), bound(of: steps) / seconds(of: steps),
        1e3 * seconds(of: convolutions), 1e3 * bound(of: convolutions),
        bound(of: convolutions) / seconds(of: convolutions)),
      "A share over 1: caches held what the step reads or writes. Bytes are those of tensors, each once; flops those of",
      "convolutions' products and sums, after Winograd's savings and without its transforms.",
    ]).joined(separator: "\n")
  }

  private var peaks: String {
    let pairs = peak.pairFlopsPerSecond.map { String(format: ", of bf16 pairs %.1f", 1e-9 * $0) } ?? ""
    return String(format: "peak: float32 %.1f GFLOPS", 1e-9 * peak.flopsPerSecond) + pairs
      + String(format: "; memory %.1f GB/s", 1e-9 * peak.bytesPerSecond)
  }

  private func line(_ step: StepWork) -> String {
    let limit = step.productSeconds > step.memorySeconds ? "products" : "memory  "
    return String(
      format: "%8.3f   %@ %8.3f  %5.2f %8.2f %8.3f  ", 1e3 * step.seconds, limit, 1e3 * step.boundSeconds,
      step.boundSeconds / step.seconds, Double(step.byteCount) / 1_048_576, 1e-9 * step.flops)
      + "\(step.name)  [\(step.detail)]"
  }

  private var convolutions: [StepWork] { steps.filter { $0.flops > 0 } }

  private func seconds(of steps: [StepWork]) -> Double { steps.reduce(0) { $0 + $1.seconds } }

  private func bound(of steps: [StepWork]) -> Double { steps.reduce(0) { $0 + $1.boundSeconds } }
}
