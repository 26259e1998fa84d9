import TensorGraph

/// The gradient of a batch norm, with that of the ReLU behind it.
struct FusedBatchNormGradient: Fusion {
  let node: Node
  let epsilon: Double
  /// The sum of dx over all axes but the channels, which passes over channels add up on the way: the gradient of a
  /// bias in front of the batch norm.
  let inputGradientSum: Value
  private(set) var relu: ReLU?

  /// A ReLU gradient, and what tells without the ReLU's result where it let the gradient through.
  struct ReLU {
    let gradient: Node
    /// The batch norm's.
    let offset: Value
  }

  init(_ node: Node, epsilon: Double, _ graph: inout FusedGraph) {
    self.node = node
    self.epsilon = epsilon
    inputGradientSum = graph.makeValue(graph.type(of: node.results[1]))
  }

  private var dy: Value { relu?.gradient.operands[1] ?? node.operands[4] }
  var operands: [Value] { node.operands.prefix(4) + [dy] + (relu.map { [$0.offset] } ?? []) }
  var results: [Value] { node.results + [inputGradientSum] }

  // MARK: Pattern

  static func withReLUGradient(_ index: Int, _ graph: FusedGraph) -> [Patch] {
    guard case .batchNormGradient(var fused) = graph.operations[index],
      case .batchNorm(let batchNorm) = graph.producer(of: fused.node.operands[2]), let relu = batchNorm.relu,
      batchNorm.node.operands[0] == fused.node.operands[0],
      let place = graph.defUse.onlyProducer(of: fused.node.operands[4]), let gradient = graph.plain(place),
      gradient.operation == .reluGradient, gradient.operands[0] == relu.result
    else { return [] }
    fused.relu = ReLU(gradient: gradient, offset: batchNorm.node.operands[2])
    return [Patch(host: index, places: [place, index], operation: .batchNormGradient(fused))]
  }

  // MARK: Lowering

  func lower(_ compiler: GraphCompiler) throws {
    let work = BatchNormWork(
      pass: compiler.channelPass(node.operands[0]), epsilon: epsilon, isRectified: relu != nil)
    let (x, cotangent) = (try compiler.blocked(node.operands[0]), try compiler.blocked(dy))
    let parameters = try node.operands[1...3].map { try compiler.rowMajor($0) }
    let offset = try relu.map { try compiler.rowMajor($0.offset) } ?? parameters[0]
    let (dscale, doffset) = (compiler.define(node.results[1]), compiler.define(node.results[2]))
    let dxSum = compiler.define(inputGradientSum)
    let scratch = compiler.makeBuffer(4 * work.scratchCount)
    try compiler.withBlockedResult(node.results[0]) { dx in
      compiler.append(
        node.operation.name + (relu == nil ? "" : " + relu"), "passes, blocked 16c",
        reads: [x, cotangent, offset] + parameters, writes: [dx, dscale, doffset, dxSum], scratch: scratch
      ) { addresses in
        let gradient = BatchNormWork.Gradient(
          x: addresses(x), dy: addresses(cotangent), scale: addresses.floats(parameters[0]),
          offset: addresses.floats(offset), mean: addresses.floats(parameters[1]),
          variance: addresses.floats(parameters[2]), dx: addresses(dx), dscale: addresses.floats(dscale),
          doffset: addresses.floats(doffset), dxSum: addresses.floats(dxSum),
          scratch: addresses.floats(scratch))
        return { work.run(gradient) }
      }
    }
  }
}
