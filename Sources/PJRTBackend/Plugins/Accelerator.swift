/// The kinds of accelerator that a graph can run on by a PJRT plugin.
public enum Accelerator: String, Sendable, CaseIterable {
  case cuda
  case tpu
  /// XLA on the CPU: slower than the CPU backend, the same programs as on the others.
  case xlaCPU = "xla-cpu"

  /// Where Python packages hold the plugin, relative to the folder of packages; the first that is there counts.
  var libraryPaths: [String] {
    switch self {
    case .cuda:
      [
        "jax_plugins/xla_cuda13/xla_cuda_plugin.so", "jax_plugins/xla_cuda12/xla_cuda_plugin.so",
        "xla_plugins/xla_cuda13_pjrt/xla_cuda_plugin.so",
      ]
    case .tpu: ["libtpu/libtpu.so"]
    case .xlaCPU: ["xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so"]
    }
  }

  /// What to do where there is no plugin.
  public var remedy: String {
    switch self {
    case .cuda:
      "run 'make plugins CUDA=13', or give a plugin with --plugin, such as that of 'pip install jax-cuda13-plugin[with-cuda]'."
    case .tpu: "give a plugin with --plugin, such as that of 'pip install libtpu'."
    case .xlaCPU:
      "run 'make plugins', or give a plugin with --plugin, such as that of 'pip install xla-cpu-pjrt'."
    }
  }

  /// The kind that a plugin's file name speaks of; nil where it tells nothing.
  public init?(pluginPath: String) {
    let name = String(pluginPath.split(separator: "/").last ?? "").lowercased()
    if name.contains("cuda") || name.contains("gpu") {
      self = .cuda
    } else if name.contains("tpu") {
      self = .tpu
    } else if name.contains("cpu") {
      self = .xlaCPU
    } else {
      return nil
    }
  }

  /// The platform's name, as plugins give it.
  var platform: String { self == .xlaCPU ? "cpu" : rawValue }

  /// Settings with which a client offers some devices: the machine's first GPUs, so that others stay free; the TPUs that
  /// there are; parts of the CPU.
  public func settings(deviceCount: Int) -> [String: NamedValue] {
    switch self {
    case .cuda: ["visible_devices": .integers(Array(0..<deviceCount))]
    case .tpu: [:]
    case .xlaCPU: ["cpu_device_count": .integer(deviceCount)]
    }
  }

  /// Settings of one of several processes that have one GPU each.
  public static func settings(process: Int, of count: Int, gpu: Int) -> [String: NamedValue] {
    ["visible_devices": .integers([gpu]), "node_id": .integer(process), "num_nodes": .integer(count)]
  }
}
