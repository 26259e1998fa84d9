extension Graph {
  /// The same graph with each all-reduce right behind the last node that it waits for, so that what follows can be
  /// computed while it is under way.
  public func startingAllReducesEarly() -> Graph {
    let isMovable = movableNodes()
    var defined = Set(parameters.map(\.value))
    var waiting = nodes.indices.filter { isMovable[$0] }.map { nodes[$0] }
    var translation = GraphTranslation(self)
    func append(_ node: Node) {
      translation.copy(node)
      defined.formUnion(node.results)
    }
    func appendReady() {
      waiting.removeAll { node in
        guard node.operands.allSatisfy(defined.contains) else { return false }
        append(node)
        return true
      }
    }
    appendReady()
    for (index, node) in nodes.enumerated() where !isMovable[index] {
      append(node)
      appendReady()
    }
    return translation.finished()
  }

  /// For each node, whether it is an all-reduce, or a cast that serves nothing but them.
  private func movableNodes() -> [Bool] {
    let defUse = DefUse(self)
    var isMovable = nodes.map { $0.operation == .allReduceMean }
    for (index, node) in nodes.enumerated().reversed() {
      guard case .cast = node.operation, !defUse.isKept(node.result) else { continue }
      isMovable[index] = defUse.users(of: node.result).allSatisfy { isMovable[$0] }
    }
    return isMovable
  }
}
