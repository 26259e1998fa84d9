extension Graph {
  /// The graph without what no output and no update depends on.
  ///
  /// Nodes go as a whole: one result in use keeps the others. Weights and state are kept, for the executor holds
  /// them for other graphs too; inputs and labels that nothing needs are gone, and need not be given at a run.
  /// The values that stay are numbered anew without gaps, parameters first, in their order.
  public func removingDeadNodes() -> Graph {
    var live = Set(outputs.map(\.value)).union(updates.flatMap { [$0.parameter, $0.value] })
    var kept: [Node] = []
    for node in nodes.reversed() where node.results.contains(where: live.contains) {
      live.formUnion(node.operands)
      kept.append(node)
    }
    var pruned = self
    pruned.parameters = parameters.filter { $0.kind.isPersistent || live.contains($0.value) }
    pruned.nodes = kept.reversed()
    return pruned.renumbered()
  }

  /// The same graph with its values numbered in the order of their definition.
  private func renumbered() -> Graph {
    let order = parameters.map(\.value) + nodes.flatMap(\.results)
    let renamed = Dictionary(
      uniqueKeysWithValues: order.enumerated().map { ($1, Value(id: $0)) })
    var graph = self
    graph.types = order.map { type(of: $0) }
    for index in parameters.indices { graph.parameters[index].value = renamed[parameters[index].value]! }
    for (index, node) in nodes.enumerated() {
      graph.nodes[index].operands = node.operands.map { renamed[$0]! }
      graph.nodes[index].results = node.results.map { renamed[$0]! }
    }
    graph.outputs = outputs.map { Output(name: $0.name, value: renamed[$0.value]!) }
    graph.updates = updates.map {
      Update(parameter: renamed[$0.parameter]!, value: renamed[$0.value]!)
    }
    return graph
  }
}
