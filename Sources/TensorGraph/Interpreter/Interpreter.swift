/// The reference interpreter: slow, readable, obviously right. Every backend is checked against it.
///
/// Each operation is one function, which computes in double precision and rounds each result once to its dtype.
public final class Interpreter: Executor {
  /// Weights and state by name.
  private var tensors: [String: Tensor] = [:]
  /// The replicas with which it averages; nil where there is one.
  fileprivate let collectives: (any Collectives)?

  /// An interpreter that holds the given weights and state.
  public init(_ tensors: [String: Tensor] = [:], collectives: (any Collectives)? = nil) {
    self.tensors = tensors
    self.collectives = collectives
  }

  /// It computes in both, fast in neither: here they are for tests.
  public var fastHalfDTypes: [DType] { [.bf16, .f16] }

  public var summary: String { "reference interpreter, double precision inside, 1 thread" }

  /// Prepares a graph. Persistent parameters that are not held yet start at zero.
  /// - Throws: `VerificationError`, or `ExecutionError.wrongType` when a weight or state is held with another
  ///   type.
  public func compile(_ graph: Graph) throws -> any Executable {
    try graph.verify()
    for parameter in graph.parameters where parameter.kind.isPersistent {
      let type = graph.type(of: parameter.value)
      let held = tensors[parameter.name, default: Tensor(type, repeating: 0)]
      try held.require(type, name: parameter.name)
      tensors[parameter.name] = held
    }
    return InterpretedGraph(graph, self)
  }

  /// Sets weights and state by name.
  /// - Throws: `ExecutionError.wrongType` when one is held already with another type; then none is set.
  public func load(_ tensors: [String: Tensor]) throws {
    for (name, tensor) in tensors {
      if let held = self.tensors[name] { try tensor.require(held.type, name: name) }
    }
    self.tensors.merge(tensors.mapValues(\.roundedToDType)) { _, new in new }
  }

  /// Returns weights and state by name.
  /// - Throws: `ExecutionError.unknownTensor` for a name that is not held.
  public func fetch(_ names: [String]) throws -> [String: Tensor] {
    var found: [String: Tensor] = [:]
    for name in names { found[name] = try tensor(named: name) }
    return found
  }

  /// Compiles a graph, runs it once on inputs and labels by name and returns its outputs by name.
  /// - Throws: `ExecutionError`, as `compile` and `Executable.run` do.
  public func run(_ graph: Graph, _ inputs: [String: Tensor] = [:]) throws -> [String: Tensor] {
    try compile(graph).run(inputs)
  }

  fileprivate func tensor(named name: String) throws(ExecutionError) -> Tensor {
    guard let tensor = tensors[name] else { throw .unknownTensor(name) }
    return tensor
  }

  fileprivate func update(_ name: String, with tensor: Tensor) { tensors[name] = tensor }
}

/// A graph that the interpreter runs node by node.
private final class InterpretedGraph: Executable {
  let graph: Graph
  private let interpreter: Interpreter

  init(_ graph: Graph, _ interpreter: Interpreter) {
    self.graph = graph
    self.interpreter = interpreter
  }

  func run(_ inputs: [String: Tensor]) throws -> [String: Tensor] {
    var values: [Value: Tensor] = [:]
    for parameter in graph.parameters { values[parameter.value] = try content(of: parameter, inputs) }
    for node in graph.nodes {
      let types = node.results.map { graph.type(of: $0) }
      let results = try Interpreter.evaluate(
        node.operation, node.operands.map { values[$0]! }, types, interpreter.collectives)
      for (result, tensor) in zip(node.results, results) { values[result] = tensor }
    }
    for update in graph.updates {
      let parameter = graph.parameters.first { $0.value == update.parameter }!
      interpreter.update(parameter.name, with: values[update.value]!)
    }
    return Dictionary(uniqueKeysWithValues: graph.outputs.map { ($0.name, values[$0.value]!) })
  }

  private func content(
    of parameter: Parameter, _ inputs: [String: Tensor]
  ) throws(ExecutionError) -> Tensor {
    if parameter.kind.isPersistent { return try interpreter.tensor(named: parameter.name) }
    guard let tensor = inputs[parameter.name] else { throw .missingInput(parameter.name) }
    try tensor.require(graph.type(of: parameter.value), name: parameter.name)
    return tensor.roundedToDType
  }
}

extension Tensor {
  fileprivate func require(_ expected: TensorType, name: String) throws(ExecutionError) {
    guard type == expected else { throw .wrongType(name: name, expected: expected, found: type) }
  }

  /// The tensor as a device holds it, where elements were given with more precision than the dtype has.
  fileprivate var roundedToDType: Tensor {
    type.dtype == .f32 ? self : Tensor(type, elements.map { $0.rounded(to: type.dtype) })
  }
}
