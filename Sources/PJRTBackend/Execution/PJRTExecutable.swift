import TensorGraph

/// A graph compiled for a device. Parameters that it updates are donated: each run writes their new content over the
/// old.
final class PJRTExecutable: Executable {
  let graph: Graph
  private let program: StableHLOProgram
  private let compiled: CompiledProgram
  private let client: PJRTClient
  private let device: PJRTDevice
  private let parameters: DeviceParameters

  init(
    _ graph: Graph, _ program: StableHLOProgram, _ compiled: CompiledProgram, _ client: PJRTClient,
    _ device: PJRTDevice, _ parameters: DeviceParameters
  ) {
    self.graph = graph
    self.program = program
    self.compiled = compiled
    self.client = client
    self.device = device
    self.parameters = parameters
  }

  func run(_ inputs: [String: Tensor]) throws -> [String: Tensor] {
    let arguments = try graph.parameters.map { try argument($0, inputs) }
    let results = try compiled.run([arguments], results: program.resultTypes, waits: false)[0]
    for (update, buffer) in zip(graph.updates, results.dropFirst(graph.outputs.count)) {
      let parameter = graph.parameters.first { $0.value == update.parameter }!
      parameters.replace(parameter.name, with: buffer)
    }
    var outputs: [String: Tensor] = [:]
    for (output, buffer) in zip(graph.outputs, results) { outputs[output.name] = try buffer.tensor() }
    return outputs
  }

  private func argument(_ parameter: Parameter, _ inputs: [String: Tensor]) throws -> PJRTBuffer {
    if parameter.kind.isPersistent { return try parameters.buffer(parameter.name) }
    guard let tensor = inputs[parameter.name] else { throw ExecutionError.missingInput(parameter.name) }
    let type = graph.type(of: parameter.value)
    guard tensor.type == type else {
      throw ExecutionError.wrongType(name: parameter.name, expected: type, found: tensor.type)
    }
    return try PJRTBuffer(tensor, on: device, of: client)
  }
}
