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
  private var producers: [Value: Int] = [:]
  private var readerCounts: [Value: Int] = [:]
  private var builder: GraphBuilder
  /// The values of the new graph, by those of the old one.
  private var renamed: [Value: Value] = [:]

  init(_ graph: Graph) {
    self.graph = graph
    builder = GraphBuilder(name: graph.name)
    for (index, node) in graph.nodes.enumerated() {
      for result in node.results { producers[result] = index }
      for operand in node.operands { readerCounts[operand, default: 0] += 1 }
    }
    for value in graph.outputs.map(\.value) + graph.updates.map(\.value) {
      readerCounts[value, default: 0] += 1
    }
  }

  mutating func folded() throws(ShapeError) -> Graph {
    for parameter in graph.parameters {
      renamed[parameter.value] = builder.parameter(
        parameter.name, parameter.kind, graph.type(of: parameter.value))
    }
    for node in graph.nodes {
      if case .batchNormInference(let epsilon) = node.operation, let match = match(node) {
        renamed[node.result] = try folded(node, match, epsilon)
      } else {
        let results = try builder.apply(node.operation, node.operands.map { renamed[$0]! })
        for (old, new) in zip(node.results, results) { renamed[old] = new }
      }
    }
    for output in graph.outputs { builder.output(output.name, renamed[output.value]!) }
    for update in graph.updates { builder.update(renamed[update.parameter]!, with: renamed[update.value]!) }
    return builder.graph.removingDeadNodes()
  }

  /// The node that computes a value which nothing else reads.
  private func onlyProducer(_ value: Value) -> Node? {
    readerCounts[value] == 1 ? producers[value].map { graph.nodes[$0] } : nil
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
    let operands = node.operands.map { renamed[$0]! }
    let (scale, offset, mean, variance) = (operands[1], operands[2], operands[3], operands[4])
    let deviation = try builder.apply(.unary(.sqrt), try builder.add(variance, builder.constant(epsilon)))
    let factor = try builder.divide(scale, deviation)
    var shift = try builder.apply(.unary(.negate), mean)
    if let bias = match.bias { shift = try builder.subtract(renamed[bias]!, mean) }
    let bias = try builder.add(try builder.multiply(shift, factor), offset)
    let weights = renamed[match.convolution.operands[1]]!
    let factors = try builder.broadcast(factor, to: builder.shape(of: weights), axes: [match.axis])
    let y = try builder.apply(
      match.convolution.operation, renamed[match.convolution.operands[0]]!,
      try builder.multiply(weights, factors))
    return try builder.biasAdd(y, bias)
  }
}
