// Compares the algorithms that are chosen for a network's convolutions, by times that were measured on small grids,
// with those that measuring every convolution on its own extents chooses: what is lost, in per cent of the time of the
// convolutions. All algorithms take turns, so that what else the machine does hits all alike.
//
//   choice-check PRESET train|predict BATCH-SIZE [D H W] [--threads N] [--built-in]
//
// --built-in judges the choices by constants, which prediction makes where the model's record has none.

import CPUBackend
import Foundation
import Networks
import Segmentation
import TensorGraph
import Training

var arguments = Array(CommandLine.arguments.dropFirst())
var threads: Int?
if let index = arguments.firstIndex(of: "--threads"), index + 1 < arguments.count {
  threads = Int(arguments[index + 1])
  arguments.removeSubrange(index...index + 1)
}
let isBuiltIn = arguments.contains("--built-in")
arguments.removeAll { $0 == "--built-in" }
guard arguments.count >= 3, let preset = Preset(rawValue: arguments[0]), let batchSize = Int(arguments[2])
else {
  print("choice-check PRESET train|predict BATCH-SIZE [D H W] [--threads N] [--built-in]")
  exit(2)
}
var options = TrainingOptions(preset: preset)
let extents = arguments.dropFirst(3).compactMap(Int.init)
if extents.count == 3 { options.network.inputShape = extents }
let graphs = try ModelGraphs(options)
let graph =
  arguments[1] == "train"
  ? try graphs.trainStep(batchSize: batchSize) : try graphs.prediction(batchSize: batchSize)

let executor = try CPUExecutor(threadCount: threads, convolutions: isBuiltIn ? .recorded : .fastest)
let clock = ContinuousClock()
let start = (wall: clock.now, processor: processorSeconds())
_ = try executor.compile(graph)
print(
  executor.summary
    + String(
      format: "; compiled and measured in %.1f s, %.1f s on processors",
      (clock.now - start.wall) / .seconds(1),
      processorSeconds() - start.processor))

func processorSeconds() -> Double { Double(Foundation.clock()) / Double(CLOCKS_PER_SEC) }

func milliseconds(_ times: [ConvolutionAlgorithm: Double]) -> String {
  times.sorted { $0.value < $1.value }.map { "\($0.key) \(String(format: "%.2f", 1000 * $0.value))" }
    .joined(separator: ", ")
}

var (chosen, byMeasuring) = (0.0, 0.0)
for audit in try executor.auditChoices(of: graph) {
  chosen += audit.seconds.chosen
  byMeasuring += audit.seconds.byMeasuring
  let loss = audit.seconds.chosen / audit.seconds.byMeasuring - 1
  print(
    """
    \(audit.count) x \(audit.problem): \(audit.chosen), not \(audit.chosenByMeasuring), loses \(String(format: "%.1f", 100 * loss)) %
        measured \(milliseconds(audit.measured)) ms
        modelled \(milliseconds(audit.modelled)) ms
    """)
}
print(
  String(
    format: "convolutions %.1f ms as chosen, %.1f ms as measuring chooses: %.2f %% lost", 1000 * chosen,
    1000 * byMeasuring, 100 * (chosen / byMeasuring - 1)))
