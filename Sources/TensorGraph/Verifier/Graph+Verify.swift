extension Graph {
  /// Checks that the graph is whole.
  ///
  /// - Every value is defined exactly once, by a parameter or a node, and before it is used.
  /// - Extents are positive (StableHLO also allows 0).
  /// - Operands meet the constraints of their operation, and results have the types that
  ///   `Operation.resultTypes` says; the numbered constraints of the StableHLO specification are cited there.
  /// - Names of parameters are unique, and names of outputs.
  /// - Outputs exist. Updates give each persistent parameter at most one value, of the parameter's type.
  ///
  /// - Throws: the first `VerificationError` found.
  public func verify() throws(VerificationError) {
    var defined = Set<Value>()
    try verifyParameters(&defined)
    for (index, node) in nodes.enumerated() { try verify(node, index, &defined) }
    for id in types.indices where !defined.contains(Value(id: id)) {
      throw .undefinedValue(Value(id: id))
    }
    try verifyOutputs(defined)
    try verifyUpdates(defined)
  }

  private func verifyParameters(_ defined: inout Set<Value>) throws(VerificationError) {
    var names = Set<String>()
    for parameter in parameters {
      guard names.insert(parameter.name).inserted else { throw .duplicateParameterName(parameter.name) }
      try define(parameter.value, &defined)
    }
  }

  private func define(_ value: Value, _ defined: inout Set<Value>) throws(VerificationError) {
    guard types.indices.contains(value.id) else { throw .unknownValue(value) }
    guard defined.insert(value).inserted else { throw .definedTwice(value) }
    let shape = type(of: value).shape
    guard shape.extents.allSatisfy({ $0 > 0 }) else { throw .nonPositiveExtent(value, shape) }
  }

  private func verify(
    _ node: Node, _ index: Int, _ defined: inout Set<Value>
  ) throws(VerificationError) {
    let name = node.operation.name
    for operand in node.operands where !defined.contains(operand) {
      throw .usedBeforeDefinition(operand, node: index, operation: name)
    }
    let expected: [TensorType]
    do {
      expected = try node.operation.resultTypes(node.operands.map { type(of: $0) })
    } catch {
      throw .invalidOperands(node: index, error)
    }
    guard node.results.count == expected.count else {
      throw .wrongResultCount(
        node: index, operation: name, expected: expected.count, found: node.results.count)
    }
    for (result, type) in zip(node.results, expected) {
      try define(result, &defined)
      guard self.type(of: result) == type else {
        throw .wrongResultType(
          node: index, operation: name, expected: type, found: self.type(of: result))
      }
    }
  }

  private func verifyOutputs(_ defined: Set<Value>) throws(VerificationError) {
    var names = Set<String>()
    for output in outputs {
      guard names.insert(output.name).inserted else { throw .duplicateOutputName(output.name) }
      guard defined.contains(output.value) else { throw .undefinedOutput(name: output.name, output.value) }
    }
  }

  private func verifyUpdates(_ defined: Set<Value>) throws(VerificationError) {
    var updated = Set<Value>()
    for update in updates {
      guard let parameter = parameters.first(where: { $0.value == update.parameter }),
        parameter.kind.isPersistent
      else { throw .updateOfNonPersistent(update.parameter) }
      let name = parameter.name
      guard updated.insert(update.parameter).inserted else { throw .updatedTwice(parameter: name) }
      guard defined.contains(update.value) else {
        throw .undefinedUpdate(parameter: name, update.value)
      }
      let (expected, found) = (type(of: update.parameter), type(of: update.value))
      guard expected == found else {
        throw .wrongUpdateType(parameter: name, expected: expected, found: found)
      }
    }
  }
}
