import COneDNN
import TensorGraph

/// Batch norm with batch statistics, with what its result is for alone: a ReLU, an addition, in this order.
struct FusedBatchNorm: Fusion {
  let node: Node
  let epsilon: Double
  /// Where oneDNN's primitive notes what its ReLU let through.
  let workspace: Value
  private(set) var relu: Node?
  private(set) var addition: (node: Node, other: Value)?

  init(_ node: Node, epsilon: Double, _ graph: inout FusedGraph) {
    self.node = node
    self.epsilon = epsilon
    workspace = graph.makeValue(TensorType(.bool, graph.type(of: node.results[0]).shape))
  }

  var operands: [Value] { node.operands + [addition?.other].compactMap { $0 } }
  var results: [Value] {
    [addition?.node.result ?? rectified, node.results[1], node.results[2], workspace]
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
    if let pass = try compiler.channelPass(node.operands[0]) { return try lower(compiler, pass) }
    try compiler.compileDirectBatchNorm(
      node, Float(epsilon), y: rectified, workspace: relu == nil ? nil : workspace)
    if let addition { try compiler.compile(addition.node) }
  }

  private func lower(_ compiler: GraphCompiler, _ pass: ChannelPass) throws {
    let work = BatchNormWork(pass: pass, epsilon: epsilon, isRectified: relu != nil)
    let x = try compiler.home(node.operands[0])
    let (scale, offset) = (try compiler.rowMajor(node.operands[1]), try compiler.rowMajor(node.operands[2]))
    let residual = try addition.map { try compiler.located($0.other, as: x.layout) }
    let y = compiler.define(results[0], as: x.layout)
    let (mean, variance) = (try compiler.define(node.results[1]), try compiler.define(node.results[2]))
    let scratch = compiler.makeBuffer(4 * work.scratchCount)
    compiler.append(
      "batch norm" + (relu == nil ? "" : " + relu") + (addition == nil ? "" : " + add"),
      "passes, blocked 16c",
      reads: [x.buffer, scale, offset] + [residual].compactMap { $0 }, writes: [y, mean, variance],
      scratch: scratch
    ) { addresses in
      let forward = BatchNormWork.Forward(
        x: addresses(x.buffer), scale: addresses.floats(scale), offset: addresses.floats(offset),
        residual: residual.map { UnsafeRawPointer(addresses($0)) }, y: addresses(y),
        mean: addresses.floats(mean), variance: addresses.floats(variance),
        scratch: addresses.floats(scratch))
      return { work.run(forward) }
    }
  }
}
