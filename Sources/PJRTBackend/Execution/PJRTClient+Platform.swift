import TensorGraph

extension PJRTClient {
  /// The half-precision dtypes that a device takes, its own default first.
  ///
  /// NVIDIA GPUs have Tensor Cores for f16 since compute capability 7.0, for bf16 since 8.0; TPUs compute in bf16.
  /// XLA's CPU plugin is fast in neither: there both serve to try what an accelerator will run.
  func halfDTypes(of device: PJRTDevice) -> [DType] {
    switch platform {
    case "cuda": device.computeCapability.map { $0 >= 8 ? [.f16, .bf16] : $0 >= 7 ? [.f16] : [] } ?? [.f16]
    case "tpu": [.bf16]
    default: [.bf16, .f16]
    }
  }

  /// - Throws: `PJRTError.wrongPlatform` where the devices are of another kind; any will do for nil.
  public func requirePlatform(of asked: Accelerator?) throws(PJRTError) {
    guard let asked, asked.platform != platform else { return }
    throw .wrongPlatform(path: plugin.path, asked: asked.rawValue, found: platform)
  }

  /// XLA's flags for this platform.
  var compilerFlags: [String: NamedValue] { XLAFlags.flags(platform: platform) }
}

/// Flags of XLA's compiler.
package enum XLAFlags {
  /// Channels last is how activations lie in memory throughout; on GPUs XLA would otherwise transpose them to channels
  /// first and back around each 3-D convolution.
  ///
  /// Several processes would otherwise divide the tuning of a program, and wait a day for the part of one that failed.
  ///
  /// On the CPU maxima would otherwise lose a NaN.
  package static func flags(platform: String) -> [String: NamedValue] {
    switch platform {
    case "cuda": ["xla_gpu_force_conv_nhwc": .flag(true), "xla_gpu_shard_autotuning": .flag(false)]
    case "cpu": ["xla_cpu_enable_fast_min_max": .flag(false)]
    default: [:]
    }
  }
}

extension PJRTDevice {
  /// 9.0 for an H200; nil where the device does not tell.
  var computeCapability: Double? {
    if case .string(let text) = attributes["compute_capability"] { Double(text) } else { nil }
  }
}
