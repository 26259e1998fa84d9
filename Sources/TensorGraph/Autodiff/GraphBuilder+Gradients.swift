extension GraphBuilder {
  /// Appends the backward pass: reverse-mode differentiation of a scalar.
  ///
  /// - Parameters:
  ///   - loss: a scalar of this graph, of a floating-point dtype.
  ///   - parameters: the values whose gradients are wanted.
  ///   - seed: the cotangent of the loss, of its type; 1 where nil. A loss scale enters here.
  /// - Returns: the gradient of each value, of its type; zeros where the loss does not depend on it.
  /// - Throws: `AutodiffError` for a loss that is no floating-point scalar, a seed of another type, or an
  ///   operation on the way that has no gradient.
  public mutating func gradients(
    of loss: Value, withRespectTo parameters: [Value], seed: Value? = nil
  ) throws(AutodiffError) -> [Value] {
    let lossType = type(of: loss)
    guard lossType.shape.rank == 0 else { throw .notScalar(lossType.shape) }
    guard lossType.dtype.isFloatingPoint else { throw .notFloatingPoint(lossType.dtype) }
    if let seed, type(of: seed) != lossType { throw .wrongSeed(expected: lossType, found: type(of: seed)) }
    var cotangents = [loss: seed ?? constant(1, lossType)]
    let needed = dependents(of: parameters)
    let nodes = graph.nodes
    let last = DefUse(graph).producer(of: loss) ?? -1
    for node in nodes.prefix(last + 1).reversed() {
      let incoming = node.results.map { cotangents[$0] }
      let isNeeded = node.results.contains { needed.contains($0) }
      guard isNeeded, incoming.contains(where: { $0 != nil }) else { continue }
      guard isDifferentiable(node, incoming, needed) else {
        throw .notDifferentiable(operation: node.operation.name)
      }
      do { try accumulate(node, incoming, needed, into: &cotangents) } catch { throw .shape(error) }
    }
    return parameters.map { cotangents[$0] ?? constant(0, type(of: $0)) }
  }

  /// Whether there is a rule for the cotangents that came in and the gradients that are wanted.
  private func isDifferentiable(_ node: Node, _ incoming: [Value?], _ needed: Set<Value>) -> Bool {
    switch node.operation {
    case .batchNormTraining:
      // The statistics feed moving averages only.
      incoming[1] == nil && incoming[2] == nil
    case .batchNormInference:
      // Given statistics are held constant.
      !needed.contains(node.operands[3]) && !needed.contains(node.operands[4])
    case .maxPoolGradient, .batchNormGradient, .reluGradient, .preluGradient, .softmaxGradient,
      .allReduceMean, .optimizerUpdate:
      // Gradients of gradients and of updates are not taken anywhere in training.
      false
    case .constant, .convolution, .convolutionInputGradient, .convolutionFilterGradient, .maxPool, .biasAdd,
      .relu, .prelu, .softmax, .unary, .binary, .compare, .select, .cast, .concatenate, .slice, .pad,
      .reshape, .transpose, .broadcast, .reduceSum, .oneHot, .argmax:
      true
    }
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
