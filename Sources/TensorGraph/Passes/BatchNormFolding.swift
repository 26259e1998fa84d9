extension Graph {
  /// The graph with each batch norm of moving statistics folded into the convolution before it.
  ///
  /// scale (w * x + b - mean) / sqrt(variance + epsilon) + offset is a convolution with the weights w f and the bias
  /// (b - mean) f + offset, where f = scale / sqrt(variance + epsilon): for prediction, where nothing else reads the
  /// convolution. The weights are computed in the graph, which an executor may do once for many runs.
  public func foldingBatchNorms() throws(ShapeError) -> Graph {
    var folding = BatchNormFolding(self)
    return try folding.folded()
  }
}

private struct BatchNormFolding {
  /// A convolution whose result goes to a batch norm only.
  private struct Match {
    var convolution: Node
    var bias: Value?
    /// The axis of the weights that counts the convolution's output channels.
    var axis: Int
  }

  private let graph: Graph
  private let defUse: DefUse
  private var translation: GraphTranslation

  init(_ graph: Graph) {
    self.graph = graph
    defUse = DefUse(graph)
    translation = GraphTranslation(graph)
  }

  mutating func folded() throws(ShapeError) -> Graph {
    for node in graph.nodes {
      if case .batchNormInference(let epsilon) = node.operation, let match = match(node) {
        translation.replace(node, with: [try folded(node, match, epsilon)])
      } else {
        translation.copy(node)
      }
    }
    return translation.finished().removingDeadNodes()
  }

  /// The node that computes a value which nothing else reads.
  private func onlyProducer(_ value: Value) -> Node? {
    defUse.onlyProducer(of: value).map { graph.nodes[$0] }
  }

  private func match(_ batchNorm: Node) -> Match? {
    guard var node = onlyProducer(batchNorm.operands[0]) else { return nil }
    var bias: Value?
    if node.operation == .biasAdd, let producer = onlyProducer(node.operands[0]) {
      bias = node.operands[1]
      node = producer
    }
    switch node.operation {
    case .convolution: return Match(convolution: node, bias: bias, axis: 4)
    case .convolutionInputGradient: return Match(convolution: node, bias: bias, axis: 3)
    default: return nil  // A batch norm behind anything else stays.
    }
  }

  private mutating func folded(_ node: Node, _ match: Match, _ epsilon: Double) throws(ShapeError) -> Value {
    let bias = match.bias.map { translation[$0] }
    let operands = match.convolution.operands.map { translation[$0] }
    let norm = node.operands.map { translation[$0] }
    let folded = try translation.builder.foldedWeights(operands[1], match.axis, bias: bias, norm, epsilon)
    let y = try translation.builder.apply(match.convolution.operation, operands[0], folded.weights)
    return try translation.builder.biasAdd(y, folded.bias)
  }
}

extension GraphBuilder {
  /// The weights and the bias of a convolution with the batch norm behind it.
  ///
  /// - Parameters:
  ///   - axis: the axis of the weights that counts the convolution's output channels.
  ///   - norm: the operands of the batch norm.
  fileprivate mutating func foldedWeights(
    _ weights: Value, _ axis: Int, bias: Value?, _ norm: [Value], _ epsilon: Double
  ) throws(ShapeError) -> (weights: Value, bias: Value) {
    let (scale, offset, mean, variance) = (norm[1], norm[2], norm[3], norm[4])
    let factor = try divide(scale, try squareRoot(try add(variance, constant(epsilon))))
    let shift: Value
    if let bias { shift = try subtract(bias, mean) } else { shift = try unary(.negate, mean) }
    let newBias = try add(try multiply(shift, factor), offset)
    let factors = try broadcast(factor, to: shape(of: weights), axes: [axis])
    return (try multiply(weights, factors), newBias)
  }
}
