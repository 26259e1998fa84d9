import TensorGraph

/// The weights and the state of one executor, by name, on each of its devices.
///
/// What is loaded goes to all devices. Programs that average gradients keep weights alike on all of them, bit for bit;
/// batch norm's moving statistics depend on each device's own samples.
final class DeviceParameters {
  private let client: PJRTClient
  private let devices: [PJRTDevice]
  /// For each name one buffer a device, of the stored type.
  private var buffers: [String: [PJRTBuffer]] = [:]
  /// The types that graphs have.
  private var types: [String: TensorType] = [:]

  init(_ client: PJRTClient, _ devices: [PJRTDevice]) {
    self.client = client
    self.devices = devices
  }

  /// Makes room for a parameter, zeroed, unless it is there.
  /// - Throws: `ExecutionError.wrongType` when it is there with another type.
  func declare(_ name: String, _ type: TensorType) throws {
    guard let held = types[name] else { return try load(name, Tensor(type, repeating: 0)) }
    guard held == type else { throw ExecutionError.wrongType(name: name, expected: held, found: type) }
  }

  func load(_ name: String, _ tensor: Tensor) throws {
    if let held = types[name], held != tensor.type {
      throw ExecutionError.wrongType(name: name, expected: held, found: tensor.type)
    }
    let stored = tensor.stored
    buffers[name] = try devices.map { try PJRTBuffer(stored, on: $0, of: client) }
    types[name] = tensor.type
  }

  /// The content on each device.
  func contents(_ name: String) throws -> [Tensor] {
    guard let buffers = buffers[name], let type = types[name] else {
      throw ExecutionError.unknownTensor(name)
    }
    return try buffers.map { Tensor(stored: try $0.tensor(), as: type) }
  }

  func buffer(_ name: String, device: Int) throws -> PJRTBuffer {
    guard let buffers = buffers[name] else { throw ExecutionError.unknownTensor(name) }
    return buffers[device]
  }

  /// Puts the new content of a parameter in the place of the old one, whose memory a program used up.
  func replace(_ name: String, device: Int, with buffer: PJRTBuffer) { buffers[name]![device] = buffer }
}
