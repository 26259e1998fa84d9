import ArgumentParser
import Foundation
import PJRTBackend

/// What `--device` names.
enum DeviceChoice: String, ExpressibleByArgument, CaseIterable {
  case auto
  case cpu
  case cuda
  case tpu
  case xlaCPU = "xla-cpu"
}

/// What runs the graphs, as the options and the machine have it.
enum ChosenDevice: Equatable {
  case cpu
  /// - Parameter kind: nil for a plugin of which nothing else is known.
  case accelerator(pluginPath: String, kind: Accelerator?)
}

/// What decides on the device.
struct DeviceRequest {
  var device = DeviceChoice.auto
  /// The reference system's switch: XLA wherever the graphs run.
  var usesXLA = false
  /// A plugin that was named on the command line.
  var plugin: String?
  /// Whether the machine has an NVIDIA GPU and its driver.
  var hasGPU = FileManager.default.fileExists(atPath: "/dev/nvidiactl")

  /// - Throws: `PJRTError.noPlugin` when an accelerator was asked for and its plugin is nowhere.
  func chosen(_ search: PluginSearch) throws -> ChosenDevice {
    if device == .cpu && !usesXLA { return .cpu }
    if let path = plugin ?? search.namedByEnvironment {
      return .accelerator(pluginPath: path, kind: Accelerator(pluginPath: path) ?? named)
    }
    if device == .auto && hasGPU, let path = search.plugin(for: .cuda) {
      return .accelerator(pluginPath: path, kind: .cuda)
    }
    guard let kind = named else { return .cpu }
    guard let path = search.plugin(for: kind) else {
      throw PJRTError.noPlugin(device: "--device \(kind.rawValue)", remedy: search.remedy(for: kind))
    }
    return .accelerator(pluginPath: path, kind: kind)
  }

  /// A plugin for the machine's GPU that would be taken if it were named; nil where there is none, or another device was
  /// asked for.
  func unnamedPlugin(_ search: PluginSearch) -> String? {
    device == .auto && !usesXLA && hasGPU ? search.pythonPlugin(for: .cuda) : nil
  }

  /// The kind that the device must be of; nil for any.
  var asked: Accelerator? { device == .auto ? nil : named }

  /// The kind that was asked for; nil where the machine decides.
  private var named: Accelerator? {
    switch device {
    case .auto, .cpu: usesXLA ? .xlaCPU : nil
    case .cuda: .cuda
    case .tpu: .tpu
    case .xlaCPU: .xlaCPU
    }
  }
}
