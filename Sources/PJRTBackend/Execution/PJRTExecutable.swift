import TensorGraph

/// A graph compiled for devices. Parameters that it updates are donated: each run writes their new content over the
/// old.
///
/// On several devices inputs are divided evenly along their first axis, and a number that the graph takes may be given
/// as one for each device; the results are the first device's.
final class PJRTExecutable: Executable {
  let graph: Graph
  private let program: StableHLOProgram
  private let compiled: CompiledProgram
  private let client: PJRTClient
  private let devices: [PJRTDevice]
  private let parameters: DeviceParameters
  /// The parameters that the graph's updates write, in their order.
  private let updatedNames: [String]

  init(
    _ graph: Graph, _ program: StableHLOProgram, _ compiled: CompiledProgram, _ client: PJRTClient,
    _ devices: [PJRTDevice], _ parameters: DeviceParameters
  ) {
    self.graph = graph
    self.program = program
    self.compiled = compiled
    self.client = client
    self.devices = devices
    self.parameters = parameters
    updatedNames = graph.updates.map { update in
      graph.parameters.first { $0.value == update.parameter }!.name
    }
  }

  func run(_ inputs: [String: Tensor]) throws -> [String: Tensor] { try start(inputs)() }

  func start(_ inputs: [String: Tensor]) throws -> () throws -> [String: Tensor] {
    let columns = try graph.parameters.map { try arguments($0, inputs) }
    let rows = devices.indices.map { device in columns.map { $0[device] } }
    // The CPU plugin's devices share threads: steps that were not awaited can wait for each other for ever.
    let waits = devices.count > 1 && client.platform == "cpu"
    let results = try compiled.run(rows, results: program.resultTypes, waits: waits)
    for (device, buffers) in results.enumerated() {
      for (name, buffer) in zip(updatedNames, buffers.dropFirst(graph.outputs.count)) {
        parameters.replace(name, device: device, with: buffer)
      }
    }
    let buffers = Array(zip(graph.outputs.map(\.name), results[0]))
    return {
      // All copies are under way before the first is awaited.
      let copies = try buffers.map { ($0, try $1.startCopy()) }
      return Dictionary(uniqueKeysWithValues: try copies.map { ($0, try $1()) })
    }
  }

  /// A parameter's buffer on each device.
  private func arguments(_ parameter: Parameter, _ inputs: [String: Tensor]) throws -> [PJRTBuffer] {
    if parameter.kind.isPersistent {
      return try devices.indices.map { try parameters.buffer(parameter.name, device: $0) }
    }
    guard let tensor = inputs[parameter.name] else { throw ExecutionError.missingInput(parameter.name) }
    let parts = try parts(of: tensor, parameter)
    var buffers: [PJRTBuffer] = []
    for (device, part) in zip(devices, parts) { buffers.append(try PJRTBuffer(part, on: device, of: client)) }
    return buffers
  }

  /// What each device gets of an input.
  private func parts(of tensor: Tensor, _ parameter: Parameter) throws -> [Tensor] {
    let type = graph.type(of: parameter.value)
    let count = devices.count
    if type.shape.rank == 0 && tensor.type == type { return Array(repeating: tensor, count: count) }
    let whole =
      type.shape.rank == 0
      ? Shape([count]) : Shape([count * type.shape[0]] + type.shape.extents.dropFirst())
    let expected = count == 1 ? type : TensorType(type.dtype, whole)
    guard tensor.type == expected else {
      throw ExecutionError.wrongType(name: parameter.name, expected: expected, found: tensor.type)
    }
    if count == 1 { return [tensor] }
    let size = type.shape.elementCount
    return (0..<count).map { Tensor(type, Array(tensor.elements[$0 * size..<($0 + 1) * size])) }
  }
}
