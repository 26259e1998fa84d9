import TensorGraph

/// Nodes of a graph that one operation of ONNX stands for, by the index of the last of them.
struct ONNXFusion {
  enum Fused {
    /// A convolution, or its transpose, with the bias behind it.
    case biasedConvolution(Node, bias: Value)
    /// The sum over some axes divided by the number of elements along them.
    case mean(of: Value, axes: [Int])
    /// x where positive, else slope x.
    case leakyReLU(of: Value, slope: Double)
  }

  private(set) var fused: [Int: Fused] = [:]
  /// The other nodes that they stand for.
  private(set) var absorbed: Set<Int> = []

  private let graph: Graph
  private let defUse: DefUse

  init(_ graph: Graph) {
    self.graph = graph
    defUse = DefUse(graph)
    for index in graph.nodes.indices {
      guard let match = biasedConvolution(index) ?? mean(index) ?? leakyReLU(index) else { continue }
      fused[index] = match.fused
      absorbed.formUnion(match.absorbed)
    }
  }

  private typealias Match = (fused: Fused, absorbed: [Int])

  private func biasedConvolution(_ index: Int) -> Match? {
    let node = graph.nodes[index]
    guard node.operation == .biasAdd, let producer = defUse.onlyProducer(of: node.operands[0]) else {
      return nil
    }
    switch graph.nodes[producer].operation {
    case .convolution, .convolutionInputGradient:
      return (.biasedConvolution(graph.nodes[producer], bias: node.operands[1]), [producer])
    default: return nil  // A bias behind anything else is an addition.
    }
  }

  /// The factor is one over the count of what is summed, which a mean knows at any extents.
  private func mean(_ index: Int) -> Match? {
    let node = graph.nodes[index]
    guard node.operation == .binary(.multiply), let factor = scalar(node.operands[1]),
      let producer = defUse.onlyProducer(of: node.operands[0]),
      case .reduceSum(let axes) = graph.nodes[producer].operation
    else { return nil }
    let operand = graph.nodes[producer].operands[0]
    let count = axes.reduce(1) { $0 * graph.type(of: operand).shape[$1] }
    guard abs(factor * Double(count) - 1) < 1e-6 else { return nil }
    return (.mean(of: operand, axes: axes), [producer])
  }

  private func leakyReLU(_ index: Int) -> Match? {
    let node = graph.nodes[index]
    guard node.operation == .select, let test = defUse.onlyProducer(of: node.operands[0]),
      let product = defUse.onlyProducer(of: node.operands[2])
    else { return nil }
    let (x, compared, scaled) = (node.operands[1], graph.nodes[test], graph.nodes[product])
    guard compared.operation == .compare(.greater), compared.operands[0] == x,
      scalar(compared.operands[1]) == 0, scaled.operation == .binary(.multiply), scaled.operands[0] == x,
      let slope = scalar(scaled.operands[1])
    else { return nil }
    return (.leakyReLU(of: x, slope: slope), [test, product])
  }

  /// The number that a constant scalar is.
  private func scalar(_ value: Value) -> Double? {
    guard let producer = defUse.producer(of: value),
      case .constant(let number, let type) = graph.nodes[producer].operation, type.shape.rank == 0
    else { return nil }
    return number
  }
}
