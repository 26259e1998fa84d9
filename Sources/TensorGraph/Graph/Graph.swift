/// A tensor that a graph computes or is given, assigned exactly once (static single assignment).
public struct Value: Hashable, Sendable {
  public let id: Int

  package init(id: Int) { self.id = id }
}

/// One operation applied to values.
public struct Node: Hashable, Sendable {
  public var operation: Operation
  public var operands: [Value]
  public var results: [Value]

  /// The only result of a node that has one.
  public var result: Value { results[0] }
}

/// Who gives a parameter its content, and how long that lasts.
public enum ParameterKind: String, Hashable, Sendable {
  /// Trained; kept by the executor from run to run.
  case weight
  /// Kept by the executor from run to run, not trained: moving statistics, optimiser slots.
  case state
  /// Given anew at each run.
  case input
  /// Given anew at each run, the truth to learn from.
  case label

  /// Whether the executor keeps the content from run to run.
  public var isPersistent: Bool { self == .weight || self == .state }
}

/// A named tensor that a graph is given.
public struct Parameter: Hashable, Sendable {
  public var name: String
  public var kind: ParameterKind
  public var value: Value
}

/// A named tensor that a run gives back.
public struct Output: Hashable, Sendable {
  public var name: String
  public var value: Value
}

/// At the end of a run the persistent parameter takes this value.
public struct Update: Hashable, Sendable {
  public var parameter: Value
  public var value: Value
}

/// A static program over tensors of fixed shapes: parameters in, nodes in execution order, outputs and updates
/// of persistent parameters out.
public struct Graph: Sendable {
  public var name: String
  /// The type of each value, by its id.
  public var types: [TensorType] = []
  public var parameters: [Parameter] = []
  public var nodes: [Node] = []
  public var outputs: [Output] = []
  public var updates: [Update] = []

  public init(name: String) { self.name = name }

  public func type(of value: Value) -> TensorType { types[value.id] }

  public func parameter(named name: String) -> Parameter? { parameters.first { $0.name == name } }
}
