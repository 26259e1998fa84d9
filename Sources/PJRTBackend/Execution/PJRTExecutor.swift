import TensorGraph

/// Runs graphs on the devices of a PJRT plugin. Weights and state stay on the devices.
///
/// A graph with all-reduces runs on all devices at once, each on its part of the batch; any other on the first alone.
public final class PJRTExecutor: Executor {
  private let client: PJRTClient
  private let devices: [PJRTDevice]
  /// The devices that average over each other: this executor's and those of other processes, in the order of replicas.
  private let replicaIDs: [Int]
  private var options: PJRTOptions
  private let parameters: DeviceParameters

  /// - Parameters:
  ///   - client: whose devices compute.
  ///   - deviceCount: how many of the client's devices compute, its first ones.
  ///   - replicaIDs: the devices of all processes, where several take part; nil for this executor's own.
  ///   - options: of precision, and the cache of compiled programs.
  /// - Throws: `PJRTError.tooFewDevices`.
  public init(
    _ client: PJRTClient, deviceCount: Int = 1, replicaIDs: [Int]? = nil, options: PJRTOptions = PJRTOptions()
  ) throws(PJRTError) {
    guard (1...client.devices.count).contains(deviceCount) else {
      throw .tooFewDevices(asked: deviceCount, found: client.devices.count, platform: client.platform)
    }
    self.client = client
    self.options = options
    devices = Array(client.devices[..<deviceCount])
    self.replicaIDs = replicaIDs ?? devices.map(\.id)
    parameters = DeviceParameters(client, devices)
    // One process must not compile what another takes from the cache: they compile together.
    if runsInLockstep { self.options.cache = nil }
  }

  public var runsInLockstep: Bool { replicaIDs.count > devices.count }

  public var summary: String {
    let kind = devices.count > 1 ? "\(devices.count) x \(devices[0].kind)" : devices[0].kind
    return "\(kind), platform \(client.platform), PJRT API \(client.plugin.apiVersion)"
  }

  public var deviceCount: Int { devices.count }

  public var fastHalfDTypes: [DType] { client.halfDTypes(of: devices[0]) }

  public func compile(_ graph: Graph) throws -> any Executable {
    for parameter in graph.parameters where parameter.kind.isPersistent {
      try parameters.declare(parameter.name, graph.type(of: parameter.value))
    }
    let averages = graph.nodes.contains { $0.operation == .allReduceMean }
    let ids = averages ? replicaIDs : [devices[0].id]
    let program = StableHLOProgram(graph, replicaCount: ids.count, allowsTF32: options.allowsTF32)
    let compiled = try options.compiled(program.text, deviceIDs: ids, on: client)
    return PJRTExecutable(
      graph, program, compiled, client, averages ? devices : [devices[0]], parameters)
  }

  public func load(_ tensors: [String: Tensor]) throws {
    for (name, tensor) in tensors { try parameters.load(name, tensor) }
  }

  public func fetch(_ names: [String]) throws -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for name in names { tensors[name] = Tensor(meanOf: try parameters.contents(name)) }
    return tensors
  }

  /// The content of a tensor on each device.
  package func contents(_ name: String) throws -> [Tensor] { try parameters.contents(name) }
}

extension Tensor {
  /// The mean of tensors of one type; where all are alike, that very content.
  fileprivate init(meanOf tensors: [Tensor]) {
    self = tensors[0]
    guard tensors.contains(where: { $0 != tensors[0] }) else { return }
    let sums = tensors.dropFirst().reduce(tensors[0].elements) { sums, tensor in
      zip(sums, tensor.elements).map { $0 + $1 }
    }
    self = Tensor(type, sums.map { $0 / Float(tensors.count) })
  }
}
