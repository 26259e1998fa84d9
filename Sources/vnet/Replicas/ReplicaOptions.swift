import ArgumentParser
import Segmentation
import TensorGraph

/// Options of training by several processes.
struct ReplicaOptions: ParsableArguments {
  @Flag(help: "Multiply the learning rate by the number of processes.")
  var scaleLr = false

  @Option(
    help: ArgumentHelp(
      "Half precision in which gradients travel between processes: bf16 or fp16 (float32).",
      valueName: "dtype"))
  var compressGradients: HalfPrecision?
}
