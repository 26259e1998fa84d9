import TensorGraph

/// Max pooling, which notes where each largest voxel lay.
struct FusedMaxPool: Fusion {
  let node: Node
  let window: PoolingWindow
  /// The index of the voxel that won each window, for the gradient.
  let winners: Value

  init(_ node: Node, _ window: PoolingWindow, _ graph: inout FusedGraph) {
    self.node = node
    self.window = window
    winners = graph.makeValue(TensorType(.i32, graph.type(of: node.result).shape))
  }

  var operands: [Value] { node.operands }
  var results: [Value] { node.results + [winners] }

  func lower(_ compiler: GraphCompiler) throws {
    try compiler.compileMaxPool(node.operands[0], window, y: node.result, winners: winners)
  }
}

/// The gradient of max pooling, which follows the notes of the pooling itself, or of one of its own where the graph
/// has none.
struct FusedMaxPoolGradient: Fusion {
  let node: Node
  let window: PoolingWindow
  private(set) var winners: Value
  private var hasForward = false
  /// Of a pooling of its own.
  private let y: Value

  init(_ node: Node, _ window: PoolingWindow, _ graph: inout FusedGraph) {
    self.node = node
    self.window = window
    y = graph.makeValue(graph.type(of: node.operands[1]))
    winners = graph.makeValue(TensorType(.i32, graph.type(of: node.operands[1]).shape))
  }

  var operands: [Value] { node.operands + (hasForward ? [winners] : []) }
  var results: [Value] { node.results }

  static func withForward(_ index: Int, _ graph: FusedGraph) -> [Patch] {
    guard case .maxPoolGradient(let fused) = graph.operations[index], !fused.hasForward else { return [] }
    return graph.defUse.users(of: fused.node.operands[0]).compactMap { user in
      guard case .maxPool(let forward) = graph.operations[user], forward.window == fused.window else {
        return nil
      }
      var linked = fused
      (linked.winners, linked.hasForward) = (forward.winners, true)
      return Patch(host: index, places: [index], operation: .maxPoolGradient(linked))
    }
  }

  func lower(_ compiler: GraphCompiler) throws {
    if !hasForward {
      try compiler.compileMaxPool(node.operands[0], window, y: y, winners: winners)
    }
    try compiler.compileMaxPoolGradient(node, window, winners: winners)
  }
}
