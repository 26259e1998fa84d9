import CPJRT

/// Devices that are described instead of present: programs can be compiled for them, not run.
package final class DeviceTopology {
  private let plugin: PJRTPlugin
  private let handle: OpaquePointer

  /// - Parameters:
  ///   - target: the device as a `GpuTargetConfigProto` in text form.
  ///   - shape: "1x1x4" for 4 devices of one host.
  package init(_ plugin: PJRTPlugin, target: String, shape: String) throws(PJRTError) {
    self.plugin = plugin
    let list = NamedValueList(["target_config": .string(target), "topology": .string(shape)])
    var topology: OpaquePointer?
    try plugin.check(
      cpjrt_topology_create(plugin.api, list.values, list.values.count, &topology),
      "describing absent devices")
    handle = topology!
  }

  deinit { cpjrt_topology_destroy(plugin.api, handle) }

  /// Compiles a StableHLO module for such devices.
  package func compile(_ code: String, _ options: CompileOptions) throws(PJRTError) -> UnloadedProgram {
    var executable: OpaquePointer?
    let error = withTexts(Array(code.utf8), options.serialized) { code, options in
      cpjrt_topology_compile(plugin.api, handle, code, options, &executable)
    }
    try plugin.check(error, "compilation for an absent device")
    return UnloadedProgram(plugin, executable!)
  }
}
