import COneDNN
import TensorGraph

/// Max pooling, which notes where each largest voxel lay.
struct FusedMaxPool: Fusion {
  let node: Node
  let window: PoolingWindow
  /// oneDNN's notes for the gradient.
  let workspace: Value

  init(_ node: Node, _ window: PoolingWindow, _ graph: inout FusedGraph) {
    self.node = node
    self.window = window
    workspace = graph.makeValue(graph.type(of: node.result))
  }

  var operands: [Value] { node.operands }
  var results: [Value] { node.results + [workspace] }

  func lower(_ compiler: GraphCompiler) throws {
    try compiler.compileMaxPool(node.operands[0], window, y: node.result, workspace: workspace)
  }
}

/// The gradient of max pooling, which follows the notes of the pooling itself, or of one of its own where the graph
/// has none.
struct FusedMaxPoolGradient: Fusion {
  let node: Node
  let window: PoolingWindow
  private(set) var y: Value
  private(set) var workspace: Value
  private var hasForward = false

  init(_ node: Node, _ window: PoolingWindow, _ graph: inout FusedGraph) {
    self.node = node
    self.window = window
    y = graph.makeValue(graph.type(of: node.operands[1]))
    workspace = graph.makeValue(graph.type(of: node.operands[1]))
  }

  var operands: [Value] { node.operands + (hasForward ? [y, workspace] : []) }
  var results: [Value] { node.results }

  static func withForward(_ index: Int, _ graph: FusedGraph) -> [Patch] {
    guard case .maxPoolGradient(let fused) = graph.operations[index], !fused.hasForward else { return [] }
    return graph.defUse.users(of: fused.node.operands[0]).compactMap { user in
      guard case .maxPool(let forward) = graph.operations[user], forward.window == fused.window else {
        return nil
      }
      var linked = fused
      (linked.y, linked.workspace, linked.hasForward) = (forward.node.result, forward.workspace, true)
      return Patch(host: index, places: [index], operation: .maxPoolGradient(linked))
    }
  }

  func lower(_ compiler: GraphCompiler) throws {
    if !hasForward {
      try compiler.compileMaxPool(node.operands[0], window, y: y, workspace: workspace)
    }
    try compiler.compileMaxPoolGradient(node, window, y: y, workspace: workspace)
  }
}
