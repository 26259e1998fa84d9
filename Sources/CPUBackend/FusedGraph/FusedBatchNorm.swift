import TensorGraph

/// Batch norm with batch statistics, with what its result is for alone: a ReLU, an addition, in this order.
struct FusedBatchNorm: Fusion {
  let node: Node
  let epsilon: Double
  private(set) var relu: Node?
  private(set) var addition: (node: Node, other: Value)?

  init(_ node: Node, epsilon: Double) {
    self.node = node
    self.epsilon = epsilon
  }

  var operands: [Value] { node.operands + [addition?.other].compactMap { $0 } }
  var results: [Value] {
    [addition?.node.result ?? rectified, node.results[1], node.results[2]]
  }

  /// The normalised x, or its positive part where a ReLU follows.
  private var rectified: Value { relu?.result ?? node.results[0] }

  // MARK: Patterns

  static func withReLU(_ index: Int, _ graph: FusedGraph) -> [Patch] {
    guard let relu = graph.plain(index), relu.operation == .relu,
      let host = graph.defUse.onlyProducer(of: relu.operands[0]),
      case .batchNorm(var fused) = graph.operations[host], fused.node.results[0] == relu.operands[0]
    else { return [] }
    fused.relu = relu
    return [Patch(host: host, places: [host, index], operation: .batchNorm(fused))]
  }

  static func withAddition(_ index: Int, _ graph: FusedGraph) -> [Patch] {
    graph.addends(of: index).compactMap { value, other in
      guard let node = graph.plain(index), let host = graph.defUse.onlyProducer(of: value),
        case .batchNorm(var fused) = graph.operations[host], fused.addition == nil, fused.rectified == value
      else { return nil }
      fused.addition = (node, other)
      return Patch(host: host, places: [host, index], operation: .batchNorm(fused))
    }
  }

  // MARK: Lowering

  func lower(_ compiler: GraphCompiler) throws {
    let work = BatchNormWork(
      pass: compiler.channelPass(node.operands[0]), epsilon: epsilon, isRectified: relu != nil)
    let x = try compiler.blocked(node.operands[0])
    let (scale, offset) = (try compiler.rowMajor(node.operands[1]), try compiler.rowMajor(node.operands[2]))
    let residual = try addition.map { try compiler.blocked($0.other) }
    let (mean, variance) = (compiler.define(node.results[1]), compiler.define(node.results[2]))
    let scratch = compiler.makeBuffer(4 * work.scratchCount)
    try compiler.withBlockedResult(results[0]) { y in
      compiler.append(
        "batch norm" + (relu == nil ? "" : " + relu") + (addition == nil ? "" : " + add"),
        "passes, blocked 16c",
        reads: [x, scale, offset] + [residual].compactMap { $0 }, writes: [y, mean, variance],
        scratch: scratch
      ) { addresses in
        let forward = BatchNormWork.Forward(
          x: addresses(x), scale: addresses.floats(scale), offset: addresses.floats(offset),
          residual: residual.map { UnsafeRawPointer(addresses($0)) }, y: addresses(y),
          mean: addresses.floats(mean), variance: addresses.floats(variance),
          scratch: addresses.floats(scratch))
        return { work.run(forward) }
      }
    }
  }
}
