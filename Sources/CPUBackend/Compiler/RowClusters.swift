import TensorGraph

/// Groups of operations on the voxels of a loss, `[N, D, H, W, classes]`, that one pass computes together: softmax,
/// one-hot, products and sums, and their gradients. A pass takes some hundred voxels at a time through all of them, so
/// that what lies between stays in the first-level cache and out of the arena.
struct RowClusters {
  /// The operations of one pass, in their order; it runs at the place of the first.
  struct Cluster {
    var nodes: [Int]
    /// `[N, D, H, W, classes]`, of every tensor in it.
    var shape: Shape
  }

  /// More classes than these would not leave room for a pass in the cache.
  private static let mostClasses = 8

  /// By the index of the first node.
  private(set) var clusters: [Int: Cluster] = [:]
  /// Nodes that the pass at another node's place computes.
  private(set) var absorbed: Set<Int> = []

  private let graph: Graph
  private let fusions: Fusions

  init(_ graph: Graph, _ fusions: Fusions) {
    self.graph = graph
    self.fusions = fusions
    var open: Cluster?
    for (index, node) in graph.nodes.enumerated() {
      guard let shape = shape(of: node), !isFused(index) else { continue }
      if let cluster = open, cluster.shape == shape, canJoin(node, cluster) {
        open!.nodes.append(index)
      } else {
        close(open)
        open =
          canJoin(node, Cluster(nodes: [index], shape: shape)) ? Cluster(nodes: [index], shape: shape) : nil
      }
    }
    close(open)
  }

  private func isFused(_ index: Int) -> Bool {
    fusions.absorbed.contains(index) || fusions.broadcastOfAddition[index] != nil
      || fusions.squareOfSum[index] != nil
  }

  private mutating func close(_ cluster: Cluster?) {
    guard let cluster, cluster.nodes.count > 1, cluster.nodes.contains(where: isOfLoss) else { return }
    clusters[cluster.nodes[0]] = cluster
    absorbed.formUnion(cluster.nodes.dropFirst())
  }

  /// Operations that tell a loss from the additions of a small network.
  private func isOfLoss(_ index: Int) -> Bool {
    switch graph.nodes[index].operation {
    case .softmax, .softmaxGradient, .oneHot: true
    default: false
    }
  }

  /// The shape of the tensors on which an operation works voxel by voxel; nil for other operations.
  private func shape(of node: Node) -> Shape? {
    let result = graph.type(of: node.result)
    switch node.operation {
    case .softmax, .softmaxGradient, .binary, .oneHot: return wholeShape(result)
    case .broadcast(let shape, axes: [0, 4]):
      return graph.type(of: node.operands[0]).shape == [shape[0], shape[4]] ? wholeShape(result) : nil
    case .reduceSum(axes: [1, 2, 3]): return wholeShape(graph.type(of: node.operands[0]))
    default: return nil  // Computed by itself.
    }
  }

  private func wholeShape(_ type: TensorType) -> Shape? {
    guard type.dtype == .f32, type.shape.rank == 5, type.shape.channels <= Self.mostClasses,
      type.shape.elementCount > 0
    else { return nil }
    return type.shape
  }

  /// Whether all operands are whole tensors or scalars, and there before the cluster runs or made in it.
  private func canJoin(_ node: Node, _ cluster: Cluster) -> Bool {
    let first = cluster.nodes[0]
    return node.operands.allSatisfy { operand in
      guard let producer = fusions.producers[operand.id] else { return true }
      if producer < first { return true }
      guard cluster.nodes.contains(producer) else { return false }
      // Sums are complete only when the pass is over.
      return graph.type(of: operand).shape == cluster.shape
    }
  }
}
