import ArgumentParser
import MPICollectives
import Segmentation

/// Options of computing by several processes.
struct ReplicaOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Half precision in which gradients travel between processes or devices: bf16 or fp16 (float32).",
      valueName: "dtype"))
  var compressGradients: HalfPrecision?

  /// - Throws: `ValidationError` for options that one process by itself has no use for.
  func requireReplicas(_ world: MPIWorld?, _ device: DeviceOptions) throws {
    guard compressGradients == nil || world != nil || device.accelerator.devices ?? 1 > 1 else {
      throw ValidationError(
        "--compress-gradients is for several processes or devices; start them with mpirun -np N or --devices N, or "
          + "leave it out.")
    }
  }
}
