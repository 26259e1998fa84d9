import TensorGraph

/// The weights and the state of one executor, by name, on its device.
final class DeviceParameters {
  private let client: PJRTClient
  private let device: PJRTDevice
  private var buffers: [String: PJRTBuffer] = [:]

  init(_ client: PJRTClient, _ device: PJRTDevice) {
    self.client = client
    self.device = device
  }

  /// Makes room for a parameter, zeroed, unless it is there.
  /// - Throws: `ExecutionError.wrongType` when it is there with another type.
  func declare(_ name: String, _ type: TensorType) throws {
    guard let held = buffers[name] else { return try load(name, Tensor(type, repeating: 0)) }
    guard held.type == type else {
      throw ExecutionError.wrongType(name: name, expected: held.type, found: type)
    }
  }

  func load(_ name: String, _ tensor: Tensor) throws {
    if let held = buffers[name], held.type != tensor.type {
      throw ExecutionError.wrongType(name: name, expected: held.type, found: tensor.type)
    }
    buffers[name] = try PJRTBuffer(tensor, on: device, of: client)
  }

  func fetch(_ name: String) throws -> Tensor { try buffer(name).tensor() }

  func buffer(_ name: String) throws -> PJRTBuffer {
    guard let buffer = buffers[name] else { throw ExecutionError.unknownTensor(name) }
    return buffer
  }

  /// Puts the new content of a parameter in the place of the old one, whose memory a program used up.
  func replace(_ name: String, with buffer: PJRTBuffer) { buffers[name] = buffer }
}
