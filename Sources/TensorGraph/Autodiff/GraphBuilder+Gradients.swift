extension GraphBuilder {
  /// Appends the backward pass: reverse-mode differentiation of a scalar.
  ///
  /// - Parameters:
  ///   - loss: a scalar of this graph.
  ///   - parameters: the values whose gradients are wanted.
  ///   - seed: the cotangent of the loss, a scalar; 1 where nil. A loss scale enters here.
  /// - Returns: the gradient of each value, of its type; zeros where the loss does not depend on it.
  /// - Throws: `AutodiffError` for a loss that is no scalar, or an operation on the way that has no gradient.
  public mutating func gradients(
    of loss: Value, withRespectTo parameters: [Value], seed: Value? = nil
  ) throws(AutodiffError) -> [Value] {
    guard shape(of: loss).rank == 0 else { throw .notScalar(shape(of: loss)) }
    do throws(ShapeError) {
      var cotangents: [Value: Value] = [:]
      cotangents[loss] = seed ?? constant(1, type(of: loss))
      let needed = dependents(of: parameters)
      let nodes = graph.nodes
      guard let last = producer(of: loss) else {
        return try parameters.map { value throws(ShapeError) in try gradient(value, cotangents) }
      }
      for index in stride(from: last, through: 0, by: -1) {
        let node = nodes[index]
        let incoming = node.results.map { cotangents[$0] }
        let isNeeded = node.results.contains { needed.contains($0) }
        guard isNeeded, incoming.contains(where: { $0 != nil }) else { continue }
        try accumulate(node, incoming, needed, into: &cotangents)
      }
      return try parameters.map { value throws(ShapeError) in try gradient(value, cotangents) }
    } catch {
      throw .shape(error)
    }
  }

  private mutating func gradient(_ value: Value, _ cotangents: [Value: Value]) throws(ShapeError) -> Value {
    cotangents[value] ?? constant(0, type(of: value))
  }

  /// The values that depend on any of `parameters`, themselves included.
  private func dependents(of parameters: [Value]) -> Set<Value> {
    var dependents = Set(parameters)
    for node in graph.nodes where node.operands.contains(where: { dependents.contains($0) }) {
      dependents.formUnion(node.results)
    }
    return dependents
  }

  private mutating func accumulate(
    _ node: Node, _ incoming: [Value?], _ needed: Set<Value>, into cotangents: inout [Value: Value]
  ) throws(ShapeError) {
    let isNeeded = node.operands.map { needed.contains($0) }
    let contributions = try pullback(node, incoming, isNeeded)
    for (operand, contribution) in zip(node.operands, contributions) where needed.contains(operand) {
      guard let contribution else { continue }
      if let sum = cotangents[operand] {
        cotangents[operand] = try add(sum, contribution)
      } else {
        cotangents[operand] = contribution
      }
    }
  }
}
