extension Graph {
  /// The values that no input has a part in, computed by the interpreter: weights and states, constants, and what follows from
  /// them alone.
  ///
  /// - Parameter tensors: every weight and state by name.
  /// - Throws: `ExecutionError.unknownTensor` for one that is not there, and what the interpreter throws.
  package func knownValues(_ tensors: [String: Tensor]) throws -> [Value: Tensor] {
    var known: [Value: Tensor] = [:]
    for parameter in parameters where parameter.kind.isPersistent {
      guard let tensor = tensors[parameter.name] else { throw ExecutionError.unknownTensor(parameter.name) }
      known[parameter.value] = tensor
    }
    for node in nodes {
      let operands = node.operands.compactMap { known[$0] }
      guard operands.count == node.operands.count else { continue }
      let results = try Interpreter.evaluate(node.operation, operands, node.results.map(type), nil)
      for (result, tensor) in zip(node.results, results) { known[result] = tensor }
    }
    return known
  }
}
