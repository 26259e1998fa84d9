import ArgumentParser
import PJRTBackend

/// Options that choose an accelerator.
struct AcceleratorOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What computes: cpu, cuda, tpu, xla-cpu or auto, which is cuda where there are a GPU and a plugin, else cpu.",
      valueName: "device"))
  var device = DeviceChoice.auto

  @Flag(help: "Compile by XLA: on the CPU that is --device xla-cpu; accelerators always do.")
  var xla = false

  @Option(
    help: ArgumentHelp(
      "A PJRT plugin's library; otherwise that of \(PluginSearch.variable), or one in .plugins beside the program.",
      valueName: "file"))
  var plugin: String?

  @Option(help: "Accelerators of this machine that train together, each on --batch-size cases per step (1).")
  var devices: Int?

  @Flag(
    inversion: .prefixedNo,
    help: "Let float32 convolutions run in TF32 on GPUs that have it, or in full float32 (--tf32).")
  var tf32: Bool?

  func validate() throws {
    guard plugin == nil || device != .cpu else {
      throw ValidationError("--plugin has no meaning with --device cpu; leave one out.")
    }
    try require(devices, "--devices", 1...1024)
  }

  var request: DeviceRequest { DeviceRequest(device: device, usesXLA: xla, plugin: plugin) }

  var allowsTF32: Bool { tf32 ?? true }

  var options: PJRTOptions {
    PJRTOptions(allowsTF32: allowsTF32, cache: ExecutableCache(folder: UserCache.folder + "/executables"))
  }
}
