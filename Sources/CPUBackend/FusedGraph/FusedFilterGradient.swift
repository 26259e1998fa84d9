import TensorGraph

/// A filter gradient, with the bias gradient of the same cotangent and the cast to float32 behind it.
struct FusedFilterGradient: Fusion {
  let node: Node
  let window: ConvolutionWindow
  /// The sum of the cotangent over all axes but the channels.
  private(set) var biasGradient: Node?
  /// That sum where the operation that computed the cotangent may have added it up on the way.
  private(set) var cotangentSum: Value?
  private(set) var cast: Node?

  init(node: Node, window: ConvolutionWindow) {
    self.node = node
    self.window = window
  }

  var operands: [Value] { node.operands + [cotangentSum].compactMap { $0 } }
  var results: [Value] { [(cast ?? node).result] + [biasGradient?.result].compactMap { $0 } }

  // MARK: Patterns

  /// The sum may stand before or behind, of the cotangent or of its cast; bias gradients are written in float32.
  static func withBiasGradient(_ index: Int, _ graph: FusedGraph) -> [Patch] {
    guard case .filterGradient(var fused) = graph.operations[index], fused.biasGradient == nil else {
      return []
    }
    let cotangent = fused.node.operands[1]
    if case .batchNormGradient(let producer) = graph.producer(of: cotangent) {
      fused.cotangentSum = producer.inputGradientSum
    }
    let widened = graph.defUse.users(of: cotangent).compactMap { graph.plain($0) }.filter {
      $0.operation == .cast(.f32)
    }
    let users = ([cotangent] + widened.map(\.result)).flatMap { graph.defUse.users(of: $0) }
    return users.compactMap { user in
      guard let sum = graph.plain(user), sum.operation == .reduceSum(axes: [0, 1, 2, 3]),
        graph.type(of: sum.result).dtype == .f32
      else { return nil }
      var fused = fused
      fused.biasGradient = sum
      return Patch(host: index, places: [index, user], operation: .filterGradient(fused))
    }
  }

  static func withCast(_ index: Int, _ graph: FusedGraph) -> [Patch] {
    guard case .filterGradient(var fused) = graph.operations[index],
      let user = graph.defUse.onlyUser(of: fused.node.result), let cast = graph.plain(user),
      cast.operation == .cast(.f32)
    else { return [] }
    fused.cast = cast
    return [Patch(host: index, places: [index, user], operation: .filterGradient(fused))]
  }

  // MARK: Lowering

  func lower(_ compiler: GraphCompiler) throws {
    let (x, dy) = (node.operands[0], node.operands[1])
    let problem = compiler.problem(.filterGradient, window, x, node.result, dy)
    let kernel = compiler.chooser.kernel(for: problem, weightsChange: compiler.graph.changesWeights)
    try compiler.compileFilterGradient(kernel, problem, node.operation.name, x: x, dy: dy, dw: results[0])
    if let bias = biasGradient?.result {
      try compiler.compileChannelSum(of: dy, bias, known: cotangentSum)
    }
  }
}
