import TensorGraph

/// An input gradient, or as a layer of its own a transposed convolution, with the bias that alone reads it.
struct FusedTransposedConvolution: Fusion {
  let node: Node
  let window: ConvolutionWindow
  private(set) var bias: BiasAddition?

  init(node: Node, window: ConvolutionWindow) {
    self.node = node
    self.window = window
  }

  var operands: [Value] { node.operands + [bias?.value].compactMap { $0 } }
  var results: [Value] { [(bias?.node ?? node).result] }

  static func withBias(_ index: Int, _ graph: FusedGraph) -> [Patch] {
    guard let bias = BiasAddition(index, graph),
      case .transposedConvolution(var fused) = graph.operations[bias.layer], fused.bias == nil
    else { return [] }
    fused.bias = bias
    return [Patch(host: bias.layer, places: [bias.layer, index], operation: .transposedConvolution(fused))]
  }

  func lower(_ compiler: GraphCompiler) throws {
    let (dy, weights) = (node.operands[0], node.operands[1])
    let problem = compiler.problem(.inputGradient, window, node.result, weights, dy)
    try compiler.compile(
      compiler.chooser.kernel(for: problem), problem, node.operation.name + (bias == nil ? "" : " + bias"),
      source: dy, weights: weights, bias: bias?.value, result: results[0])
  }
}
