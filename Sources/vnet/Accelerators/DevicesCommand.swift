import ArgumentParser
import Foundation
import PJRTBackend
import PlainText

struct DevicesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices",
    abstract: "List what can compute on this machine: plugins, platforms, devices, memory.",
    discussion: """
      vnet devices
      vnet devices --json
      """)

  @OptionGroup var output: JSONOutput
  @OptionGroup(title: "Device") var device: DeviceOptions

  func run() throws {
    let found = [FoundPlatform(cpu: try device.cpuExecutor(measures: false).summary)] + plugins
    if output.isWanted { return try JSONOutput.show(found) }
    for platform in found { for line in platform.lines { print(line.printable) } }
    suggest("benchmark", "--device", "cpu", "--steps", "50", "--warmup-steps", "10")
  }

  private var plugins: [FoundPlatform] {
    let search = PluginSearch()
    if let path = device.accelerator.plugin ?? search.namedByEnvironment {
      return [FoundPlatform(Accelerator(pluginPath: path), path)]
    }
    return Accelerator.allCases.map { kind in
      search.plugin(for: kind).map { FoundPlatform(kind, $0) }
        ?? FoundPlatform(missing: kind, search.remedy(for: kind))
    }
  }
}

/// What can compute by one way: the CPU by itself, or a plugin.
private struct FoundPlatform: Encodable {
  struct Device: Encodable {
    let id: Int
    let kind: String
    /// For programs, in bytes; nil where the device does not tell.
    let memory: Int?
    let memoryInUse: Int?
  }

  /// As --device takes it.
  let name: String
  /// What it is; nil where there is none.
  var platform: String?
  var pluginPath: String?
  var apiVersion: String?
  var devices: [Device] = []
  /// Why there is none, and what to do; nil where there is one.
  var problem: String?

  init(cpu summary: String) {
    name = "cpu"
    platform = summary
  }

  init(missing kind: Accelerator, _ remedy: String) {
    name = kind.rawValue
    problem = "no plugin; \(remedy)"
  }

  init(_ kind: Accelerator?, _ path: String) {
    name = kind?.rawValue ?? "plugin"
    pluginPath = path
    do throws(PJRTError) {
      let plugin = try PJRTPlugin(path: path)
      // A GPU's memory is not taken for a look at it.
      let settings = kind == .cuda ? ["preallocate": NamedValue.flag(false)] : [:]
      let client = try PJRTClient(plugin, settings: settings)
      platform = client.platform
      apiVersion = "\(plugin.apiVersion)"
      devices = client.devices.map {
        Device(id: Int($0.id), kind: $0.kind, memory: $0.memory.limit, memoryInUse: $0.memory.inUse)
      }
    } catch {
      problem = "\(error)"
    }
  }

  /// For people.
  var lines: [String] {
    let label = name.padding(toLength: 10, withPad: " ", startingAt: 0)
    if let problem { return [label + problem] }
    guard let pluginPath, let platform else { return [label + (platform ?? "")] }
    let heading = "\(label)platform \(platform), PJRT API \(apiVersion ?? ""), \(pluginPath)"
    return [heading]
      + devices.map { device in
        let memory = device.memory.map {
          ", \($0 >> 20) MiB of memory for programs, \((device.memoryInUse ?? 0) >> 20) MiB of it in use"
        }
        return "  device \(device.id)  \(device.kind)\(memory ?? "")"
      }
  }
}
