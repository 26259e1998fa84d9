import ArgumentParser
import Foundation
import PJRTBackend

struct DevicesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices",
    abstract: "List what can compute on this machine: plugins, platforms, devices, memory.")

  @OptionGroup(title: "Device") var device: DeviceOptions

  func run() throws {
    print("cpu       \(try device.cpuExecutor(measures: false).summary)")
    let search = PluginSearch()
    if let path = device.accelerator.plugin ?? search.namedByEnvironment {
      return list(Accelerator(pluginPath: path), path)
    }
    for kind in Accelerator.allCases {
      if let path = search.plugin(for: kind) {
        list(kind, path)
      } else {
        print("\(label(kind))no plugin; \(search.remedy(for: kind))")
      }
    }
  }

  private func list(_ kind: Accelerator?, _ path: String) {
    do throws(PJRTError) {
      let plugin = try PJRTPlugin(path: path)
      // A GPU's memory is not taken for a look at it.
      let settings = kind == .cuda ? ["preallocate": NamedValue.flag(false)] : [:]
      let client = try PJRTClient(plugin, settings: settings)
      print("\(label(kind))platform \(client.platform), PJRT API \(plugin.apiVersion), \(path)")
      for device in client.devices { print("  device \(device.id)  \(device.kind)\(memory(of: device))") }
    } catch {
      print("\(label(kind))\(error)")
    }
  }

  private func label(_ kind: Accelerator?) -> String {
    (kind?.rawValue ?? "plugin").padding(toLength: 10, withPad: " ", startingAt: 0)
  }

  private func memory(of device: PJRTDevice) -> String {
    guard let limit = device.memory.limit else { return "" }
    return ", \(limit >> 20) MiB of memory for programs, \((device.memory.inUse ?? 0) >> 20) MiB of it in use"
  }
}
