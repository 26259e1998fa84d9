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
    var translation = GraphTranslation(self) { $0.kind.isPersistent || live.contains($0.value) }
    for node in kept.reversed() { translation.copy(node) }
    return translation.finished()
  }
}
