import TensorGraph

/// A graph as the CPU computes it: each operation is one of the graph's, or several that one primitive or kernel
/// computes together.
///
/// Fusions are found one kind after the other, in the order of `init`; each replaces operations by one, so that the
/// next kind sees what is left. A plan is made of it by lowering one operation after the other.
struct FusedGraph {
  let graph: Graph
  /// By the node at whose place they run; nil where the operation of another place computes the node.
  private(set) var operations: [FusedOperation?] = []
  private(set) var defUse: DefUse
  /// The types of the graph's values and of those that operations here hand on besides.
  private(set) var types: [TensorType]

  init(_ graph: Graph) {
    self.graph = graph
    types = graph.types
    defUse = DefUse(graph)
    for (index, node) in graph.nodes.enumerated() {
      let operation = FusedOperation(node, &self)
      operations.append(operation)
      defUse.remove(node, at: index)
      defUse.insert(operation, at: index)
    }
    sweep(FusedConvolution.withBias)
    sweep(FusedBatchNorm.withReLU)
    sweep(FusedBatchNormGradient.withReLUGradient)
    sweep(FusedFilterGradient.withBiasGradient)
    sweep(FusedFilterGradient.withCast)
    sweep(SumOfSquares.patches)
    sweep(ChannelAddition.patches)
    sweep(FusedBatchNorm.withAddition)
    sweep(FusedConvolution.withReLU)
    sweep(FusedConvolution.withAddition)
    sweep(FusedMaxPoolGradient.withForward)
    LossRows.fuse(in: &self)
    ElementwiseChain.fuse(in: &self)
  }

  /// Makes a value that no graph has: a workspace.
  mutating func makeValue(_ type: TensorType) -> Value {
    types.append(type)
    defUse.addValue()
    return Value(id: types.count - 1)
  }

  func type(of value: Value) -> TensorType { types[value.id] }

  /// The graph's node at a place, unless it is fused with others.
  func plain(_ index: Int) -> Node? {
    guard case .plain(let node) = operations[index] else { return nil }
    return node
  }

  /// The operation that computes a value; nil for a parameter.
  func producer(of value: Value) -> FusedOperation? {
    defUse.producer(of: value).flatMap { operations[$0] }
  }

  /// What a cast to half precision was made of; the value itself where none was.
  func uncast(_ value: Value) -> Value {
    guard case .plain(let node) = producer(of: value), case .cast = node.operation,
      type(of: node.operands[0]).dtype == .f32
    else { return value }
    return node.operands[0]
  }

  // MARK: Rewriting

  /// Applies the first legal one of the patches that a pattern proposes at each place.
  private mutating func sweep(_ pattern: (Int, FusedGraph) -> [Patch]) {
    for index in operations.indices {
      if let patch = pattern(index, self).first(where: isLegal) { apply(patch) }
    }
  }

  mutating func apply(_ patch: Patch) {
    for index in patch.places {
      if let operation = operations[index] { defUse.remove(operation, at: index) }
      operations[index] = nil
    }
    operations[patch.host] = patch.operation
    defUse.insert(patch.operation, at: patch.host)
  }

  /// Whether what the operation reads is there at the host's place, what it computes is read behind it, and nobody
  /// misses what it does not compute any more.
  private func isLegal(_ patch: Patch) -> Bool {
    let inside = Set(patch.places)
    let isReady = patch.operation.operands.allSatisfy { operand in
      defUse.producer(of: operand).map { $0 < patch.host && !inside.contains($0) } ?? true
    }
    let given = Set(patch.operation.results)
    return isReady
      && patch.places.flatMap { operations[$0]?.results ?? [] }.allSatisfy { result in
        let readers = defUse.users(of: result).filter { !inside.contains($0) }
        if given.contains(result) { return readers.allSatisfy { $0 > patch.host } }
        return readers.isEmpty && !defUse.isKept(result)
      }
  }
}

/// One operation in the place of several.
struct Patch {
  /// Where it runs.
  let host: Int
  /// The places of what it replaces, the host among them.
  let places: [Int]
  let operation: FusedOperation
}
