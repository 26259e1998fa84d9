/// Builds a graph node by node, checking shapes as it goes.
public struct GraphBuilder {
  public private(set) var graph: Graph

  public init(name: String) { graph = Graph(name: name) }

  /// Goes on with a graph: its values keep their ids.
  public init(_ graph: Graph) { self.graph = graph }

  public func type(of value: Value) -> TensorType { graph.type(of: value) }
  public func shape(of value: Value) -> Shape { graph.type(of: value).shape }

  private mutating func makeValue(_ type: TensorType) -> Value {
    graph.types.append(type)
    return Value(id: graph.types.count - 1)
  }

  /// Declares a parameter. Names are unique within a graph.
  public mutating func parameter(_ name: String, _ kind: ParameterKind, _ type: TensorType) -> Value {
    precondition(graph.parameter(named: name) == nil, "two parameters are named \(name)")
    let value = makeValue(type)
    graph.parameters.append(Parameter(name: name, kind: kind, value: value))
    return value
  }

  /// Appends a node and returns its results.
  @discardableResult
  public mutating func apply(_ operation: Operation, _ operands: [Value]) throws(ShapeError) -> [Value] {
    var operandTypes: [TensorType] = []
    for operand in operands { operandTypes.append(graph.type(of: operand)) }
    return append(operation, operands, try operation.resultTypes(operandTypes))
  }

  /// Appends a node whose results' types are known.
  mutating func append(_ operation: Operation, _ operands: [Value], _ types: [TensorType]) -> [Value] {
    let results = types.map { makeValue($0) }
    graph.nodes.append(Node(operation: operation, operands: operands, results: results))
    return results
  }

  /// Appends a node that has one result.
  public mutating func apply(_ operation: Operation, _ operands: Value...) throws(ShapeError) -> Value {
    try apply(operation, operands)[0]
  }

  /// Names a value that a run gives back.
  public mutating func output(_ name: String, _ value: Value) {
    precondition(!graph.outputs.contains { $0.name == name }, "two outputs are named \(name)")
    graph.outputs.append(Output(name: name, value: value))
  }

  /// Makes all updates so far depend on a scalar truth value: where it is false, parameters keep their content.
  public mutating func condition(updatesOn predicate: Value) throws(ShapeError) {
    for (index, update) in graph.updates.enumerated() {
      graph.updates[index].value = try apply(.select, predicate, update.value, update.parameter)
    }
  }

  /// Gives a persistent parameter a new content at the end of a run.
  public mutating func update(_ parameter: Value, with value: Value) {
    precondition(!graph.updates.contains { $0.parameter == parameter }, "a parameter is updated twice")
    precondition(type(of: parameter) == type(of: value), "an update keeps the parameter's type")
    graph.updates.append(Update(parameter: parameter, value: value))
  }
}
