import TensorGraph

/// Runs graphs on one device of a PJRT plugin. Weights and state stay on the device.
public final class PJRTExecutor: Executor {
  private let client: PJRTClient
  private let device: PJRTDevice
  private let options: PJRTOptions
  private let parameters: DeviceParameters

  /// - Parameter deviceIndex: which of the client's devices.
  /// - Throws: `PJRTError.tooFewDevices` when there is none of that index.
  public init(_ client: PJRTClient, deviceIndex: Int = 0, options: PJRTOptions = PJRTOptions()) throws(PJRTError) {
    guard client.devices.indices.contains(deviceIndex) else {
      throw .tooFewDevices(asked: deviceIndex + 1, found: client.devices.count, platform: client.platform)
    }
    self.client = client
    self.options = options
    device = client.devices[deviceIndex]
    parameters = DeviceParameters(client, device)
  }

  public var summary: String {
    "\(device.kind), platform \(client.platform), PJRT API \(client.plugin.apiVersion)"
  }

  public var fastHalfDTypes: [DType] { client.halfDTypes(of: device) }

  public func compile(_ graph: Graph) throws -> any Executable {
    for parameter in graph.parameters where parameter.kind.isPersistent {
      try parameters.declare(parameter.name, graph.type(of: parameter.value))
    }
    let program = StableHLOProgram(graph, allowsTF32: options.allowsTF32)
    let compiled = try options.compiled(program.text, deviceIDs: [device.id], on: client)
    return PJRTExecutable(graph, program, compiled, client, device, parameters)
  }

  public func load(_ tensors: [String: Tensor]) throws {
    for (name, tensor) in tensors { try parameters.load(name, tensor) }
  }

  public func fetch(_ names: [String]) throws -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for name in names { tensors[name] = try parameters.fetch(name) }
    return tensors
  }
}
