/// Which nodes of a float32 graph run in half precision.
///
/// Nodes on the list `always` are in half. From there half-precision regions grow as far as they can: every node
/// on the lists `follows` and `neighbours` is taken to be in half until one of these fails, and taken out again
/// until nothing changes:
/// - `follows`: some operand comes from a node in half, and the others do too, or else some node in half uses the
///   result (so that the cast of the other operand pays). Or there is one operand and all users are in half: the
///   cast then stands before the node instead of behind it, where the tensor may be larger.
/// - `neighbours`: every whole tensor among the operands comes from a node in half, and some node in half uses a
///   result.
struct PrecisionColoring {
  /// For each node, whether it runs in half.
  private(set) var isHalf: [Bool]

  private let graph: Graph
  private let defUse: DefUse

  init(_ graph: Graph) {
    self.graph = graph
    defUse = DefUse(graph)
    isHalf = graph.nodes.map { $0.operation.precisionRule != .never && Self.isFloat32($0, graph) }
    shrink()
  }

  /// Whether the node computes in float32: others keep the dtype that they have.
  private static func isFloat32(_ node: Node, _ graph: Graph) -> Bool {
    node.results.first.map { graph.type(of: $0).dtype == .f32 } ?? false
  }

  private mutating func shrink() {
    var hasChanged = true
    while hasChanged {
      hasChanged = false
      for index in graph.nodes.indices where isHalf[index] && !isSupported(index) {
        isHalf[index] = false
        hasChanged = true
      }
    }
  }

  private func isSupported(_ index: Int) -> Bool {
    let node = graph.nodes[index]
    switch node.operation.precisionRule {
    case .always: return true
    case .never: return false
    case .follows:
      let sources = dataOperands(node).map(comesFromHalf)
      if sources == [false] { return feedsOnlyHalf(node) }
      return sources.contains(true) && (!sources.contains(false) || feedsHalf(node))
    case .neighbours:
      return dataOperands(node).allSatisfy(comesFromHalf) && feedsHalf(node)
    }
  }

  /// The operands that decide: whole float32 tensors, not scalars and not what is trained or kept per channel.
  private func dataOperands(_ node: Node) -> [Value] {
    let rank = node.results.map { graph.type(of: $0).shape.rank }.max() ?? 0
    return node.operands.enumerated().filter { position, operand in
      let type = graph.type(of: operand)
      let isPerChannel = type.shape.rank == 1 && rank > 1
      return type.dtype == .f32 && type.shape.rank > 0 && !isPerChannel
        && !node.operation.keepsFloat32(operand: position)
    }.map(\.element)
  }

  private func comesFromHalf(_ value: Value) -> Bool {
    defUse.producer(of: value).map { isHalf[$0] } ?? false
  }

  private func feedsOnlyHalf(_ node: Node) -> Bool {
    node.results.allSatisfy { result in
      let users = defUse.users(of: result)
      return !users.isEmpty && users.allSatisfy { isHalf[$0] } && !defUse.isKept(result)
    }
  }

  private func feedsHalf(_ node: Node) -> Bool {
    node.results.contains { defUse.users(of: $0).contains { isHalf[$0] } }
  }
}
