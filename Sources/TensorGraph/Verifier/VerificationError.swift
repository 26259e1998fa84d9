/// What is wrong with a graph.
public enum VerificationError: Error, Equatable, CustomStringConvertible {
  /// The graph holds no type for a value.
  case unknownValue(Value)
  case undefinedValue(Value)
  case usedBeforeDefinition(Value, node: Int, operation: String)
  case definedTwice(Value)
  case nonPositiveExtent(Value, Shape)
  case invalidOperands(node: Int, ShapeError)
  case wrongResultCount(node: Int, operation: String, expected: Int, found: Int)
  case wrongResultType(node: Int, operation: String, expected: TensorType, found: TensorType)
  case duplicateParameterName(String)
  case duplicateOutputName(String)
  case undefinedOutput(name: String, Value)
  case undefinedUpdate(parameter: String, Value)
  /// The target of an update is no weight and no state.
  case updateOfNonPersistent(Value)
  case updatedTwice(parameter: String)
  case wrongUpdateType(parameter: String, expected: TensorType, found: TensorType)

  public var description: String {
    switch self {
    case .unknownValue(let value): "value \(value) has no type"
    case .undefinedValue(let value): "value \(value) is neither a parameter nor a result"
    case .usedBeforeDefinition(let value, let node, let operation):
      "node \(node), \(operation), uses \(value) before it is defined"
    case .definedTwice(let value): "value \(value) is defined twice"
    case .nonPositiveExtent(let value, let shape):
      "value \(value) has the shape \(shape), but extents are positive"
    case .invalidOperands(let node, let error): "node \(node): \(error)"
    case .wrongResultCount(let node, let operation, let expected, let found):
      "node \(node), \(operation), has \(found) results, not \(expected)"
    case .wrongResultType(let node, let operation, let expected, let found):
      "node \(node), \(operation), yields \(expected), not \(found)"
    case .duplicateParameterName(let name): "two parameters are named \"\(name)\""
    case .duplicateOutputName(let name): "two outputs are named \"\(name)\""
    case .undefinedOutput(let name, let value): "the output \"\(name)\" is \(value), which is not defined"
    case .undefinedUpdate(let parameter, let value):
      "the update of \"\(parameter)\" is \(value), which is not defined"
    case .updateOfNonPersistent(let value): "an update writes to \(value), which is no weight and no state"
    case .updatedTwice(let parameter): "the parameter \"\(parameter)\" is updated twice"
    case .wrongUpdateType(let parameter, let expected, let found):
      "the update of \"\(parameter)\" is \(found), not \(expected)"
    }
  }
}
