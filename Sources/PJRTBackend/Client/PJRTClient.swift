import CPJRT
import TensorGraph

/// A plugin at work: its devices, and the programs and tensors on them.
///
/// `@unchecked Sendable`: the handle is constant, and PJRT's functions may be called from any thread.
public final class PJRTClient: @unchecked Sendable {
  public let plugin: PJRTPlugin
  /// "cpu", "cuda", "tpu".
  public let platform: String
  public let platformVersion: String
  /// The devices of this process.
  public let devices: [PJRTDevice]
  let handle: OpaquePointer

  /// Starts a plugin's client.
  ///
  /// - Parameters:
  ///   - plugin: that makes it.
  ///   - settings: what the platform takes; `cpu_device_count` on the CPU, `visible_devices` on CUDA.
  ///   - processes: the other processes whose devices take part; nil for a process by itself.
  /// - Throws: `PJRTError.noDevices` when the plugin finds none, or whatever else it says.
  public init(
    _ plugin: PJRTPlugin, settings: [String: NamedValue] = [:], processes: KeyValueStoreBridge? = nil
  ) throws(PJRTError) {
    self.plugin = plugin
    self.processes = processes
    handle = try Self.create(plugin, settings, processes)
    platform = try Self.text("the platform's name", plugin, handle, cpjrt_platform_name).lowercased()
    platformVersion = try Self.text("the platform's version", plugin, handle, cpjrt_platform_version)
    devices = try Self.devices(plugin, handle)
    guard !devices.isEmpty else { throw .noDevices(path: plugin.path, reason: "it lists none") }
  }

  /// Outlives the handle, which calls it.
  private let processes: KeyValueStoreBridge?

  private static func create(
    _ plugin: PJRTPlugin, _ settings: [String: NamedValue], _ processes: KeyValueStoreBridge?
  ) throws(PJRTError) -> OpaquePointer {
    let list = NamedValueList(settings)
    var client: OpaquePointer?
    let error = cpjrt_client_create(plugin.api, list.values, list.values.count, processes?.store, &client)
    do throws(PJRTError) {
      try plugin.check(error, "starting the client")
    } catch {
      throw .noDevices(path: plugin.path, reason: error.message)
    }
    return client!
  }

  private static func text(
    _ name: String, _ plugin: PJRTPlugin, _ client: OpaquePointer,
    _ read: (OpaquePointer?, OpaquePointer?, UnsafeMutablePointer<cpjrt_text>?) -> OpaquePointer?
  ) throws(PJRTError) -> String {
    var text = cpjrt_text()
    try plugin.check(read(plugin.api, client, &text), "reading \(name)")
    return String(text)
  }

  private static func devices(
    _ plugin: PJRTPlugin, _ client: OpaquePointer
  ) throws(PJRTError) -> [PJRTDevice] {
    var handles: UnsafePointer<OpaquePointer?>?
    var count = 0
    try plugin.check(cpjrt_devices(plugin.api, client, &handles, &count), "listing the devices")
    var devices: [PJRTDevice] = []
    for index in 0..<count { devices.append(try PJRTDevice(plugin, handles![index]!)) }
    return devices
  }

  deinit { cpjrt_client_destroy(plugin.api, handle) }
}

/// A device of a client, which outlives it.
///
/// `@unchecked Sendable`: see `PJRTClient`.
public struct PJRTDevice: @unchecked Sendable {
  /// The number by which programs name the device.
  public let id: Int
  /// "cpu", "NVIDIA H200".
  public let kind: String
  /// What else the plugin says, by name; `compute_capability` on CUDA.
  public let attributes: [String: NamedValue]
  let handle: OpaquePointer
  private let plugin: PJRTPlugin

  fileprivate init(_ plugin: PJRTPlugin, _ handle: OpaquePointer) throws(PJRTError) {
    self.plugin = plugin
    self.handle = handle
    var (number, kind): (Int32, cpjrt_text) = (0, cpjrt_text())
    var values: UnsafePointer<cpjrt_named_value>?
    var count = 0
    try plugin.check(
      cpjrt_device_description(plugin.api, handle, &number, &kind, &values, &count),
      "describing a device")
    id = Int(number)
    self.kind = String(kind)
    attributes = NamedValue.dictionary(values, count)
  }

  /// Bytes of the device's memory; nil where it does not tell.
  public struct Memory: Sendable {
    public let inUse: Int?
    public let peak: Int?
    public let limit: Int?
  }

  /// What is in use; nothing but nil where the platform keeps no account.
  public var memory: Memory {
    var (inUse, peak, limit): (Int64, Int64, Int64) = (-1, -1, -1)
    if let error = cpjrt_device_memory(plugin.api, handle, &inUse, &peak, &limit) {
      cpjrt_error_destroy(plugin.api, error)
      return Memory(inUse: nil, peak: nil, limit: nil)
    }
    func known(_ value: Int64) -> Int? { value < 0 ? nil : Int(value) }
    return Memory(inUse: known(inUse), peak: known(peak), limit: known(limit))
  }
}
