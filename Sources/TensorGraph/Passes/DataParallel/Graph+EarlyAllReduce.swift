extension Graph {
  /// The same graph with each all-reduce right behind the last node that it waits for, so that what follows can be
  /// computed while it is under way.
  public func startingAllReducesEarly() -> Graph {
    let isMovable = movableNodes()
    var defined = Set(parameters.map(\.value))
    var waiting = nodes.filter { isMovable.contains($0) }
    var graph = self
    graph.nodes = []
    func append(_ node: Node) {
      graph.nodes.append(node)
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
    for node in nodes where !isMovable.contains(node) {
      append(node)
      appendReady()
    }
    return graph
  }

  /// The all-reduces, and the casts that serve nothing but them.
  private func movableNodes() -> Set<Node> {
    var movable = Set<Node>()
    var usedOtherwise = Set(outputs.map(\.value) + updates.map(\.value))
    for node in nodes.reversed() {
      let isCast = if case .cast = node.operation { true } else { false }
      if node.operation == .allReduceMean || (isCast && !usedOtherwise.contains(node.result)) {
        movable.insert(node)
      } else {
        usedOtherwise.formUnion(node.operands)
      }
    }
    return movable
  }
}
