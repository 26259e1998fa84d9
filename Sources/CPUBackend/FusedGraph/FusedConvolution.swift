import TensorGraph

/// A convolution, or an input gradient, which as a layer of its own is a transposed convolution; with what its result
/// is for alone: a bias, a ReLU, an addition, in this order.
struct FusedConvolution: Fusion {
  let node: Node
  let window: ConvolutionWindow
  private(set) var bias: BiasAddition?
  private(set) var relu: Node?
  private(set) var addition: (node: Node, other: Value)?

  init(node: Node, window: ConvolutionWindow) {
    self.node = node
    self.window = window
  }

  var operands: [Value] { node.operands + [bias?.value, addition?.other].compactMap { $0 } }
  var results: [Value] { [(addition?.node ?? relu ?? bias?.node ?? node).result] }

  // MARK: Patterns

  static func withBias(_ index: Int, _ graph: FusedGraph) -> [Patch] {
    guard let bias = BiasAddition(index, graph), case .convolution(var fused) = graph.operations[bias.layer],
      fused.results == [fused.node.result]
    else { return [] }
    fused.bias = bias
    return [Patch(host: bias.layer, places: [bias.layer, index], operation: .convolution(fused))]
  }

  static func withReLU(_ index: Int, _ graph: FusedGraph) -> [Patch] {
    guard let relu = graph.plain(index), relu.operation == .relu,
      let host = graph.defUse.onlyProducer(of: relu.operands[0]),
      case .convolution(var fused) = graph.operations[host], fused.relu == nil, fused.addition == nil
    else { return [] }
    fused.relu = relu
    return [Patch(host: host, places: [host, index], operation: .convolution(fused))]
  }

  static func withAddition(_ index: Int, _ graph: FusedGraph) -> [Patch] {
    graph.addends(of: index).compactMap { value, other in
      guard let node = graph.plain(index), let host = graph.defUse.onlyProducer(of: value),
        case .convolution(var fused) = graph.operations[host], fused.addition == nil
      else { return nil }
      fused.addition = (node, other)
      return Patch(host: host, places: [host, index], operation: .convolution(fused))
    }
  }

  // MARK: Lowering

  /// Lowers all to one step.
  func lower(_ compiler: GraphCompiler) throws {
    let (source, weights) = (node.operands[0], node.operands[1])
    let problem =
      if case .convolutionInputGradient = node.operation {
        compiler.problem(.inputGradient, window, node.result, weights, source)
      } else {
        compiler.problem(.forward, window, source, weights, node.result)
      }
    let parts = [
      node.operation.name, bias.map { _ in "bias" }, relu.map { _ in "relu" }, addition.map { _ in "add" },
    ]
    try compiler.compile(
      ConvolutionStep(
        problem: problem, name: parts.compactMap { $0 }.joined(separator: " + "), source: source,
        weights: weights,
        tail: ConvolutionEpilogue(bias: bias?.value, isRectified: relu != nil, residual: addition?.other),
        result: results[0]))
  }
}

/// The addition of a bias that is the only reader of what a layer computes.
struct BiasAddition {
  let node: Node
  /// What is added: in half precision the float32 tensor that the bias was cast from, which primitives take as it is.
  let value: Value
  /// The place of the layer.
  let layer: Int

  init?(_ index: Int, _ graph: FusedGraph) {
    guard let node = graph.plain(index), node.operation == .biasAdd,
      let layer = graph.defUse.onlyProducer(of: node.operands[0])
    else { return nil }
    self.node = node
    self.layer = layer
    value = graph.uncast(node.operands[1])
  }
}

extension FusedGraph {
  /// Each operand of an addition of two whole tensors, with the other one; none for anything else.
  func addends(of index: Int) -> [(value: Value, other: Value)] {
    guard let node = plain(index), node.operation == .binary(.add), node.operands[0] != node.operands[1],
      type(of: node.operands[0]) == type(of: node.operands[1])
    else { return [] }
    return [(node.operands[0], node.operands[1]), (node.operands[1], node.operands[0])]
  }
}
