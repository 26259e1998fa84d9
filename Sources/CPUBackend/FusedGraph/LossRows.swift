import TensorGraph

/// Operations on the voxels of a loss, `[N, D, H, W, classes]`, that one pass computes together: softmax, one-hot,
/// products and sums, and their gradients. A pass takes some hundred voxels at a time through all of them, so that
/// what lies between stays in the first-level cache and out of the arena.
struct LossRows: Fusion {
  /// More classes than these would not leave room for a pass in the cache.
  private static let mostClasses = 8

  /// In their order; all run at the place of the first.
  let nodes: [Node]
  /// Of every whole tensor in it.
  let shape: Shape
  let operands: [Value]
  /// What others read.
  let results: [Value]

  // MARK: Pattern

  static func fuse(in graph: inout FusedGraph) {
    var open: NodeCluster?
    func close() {
      guard let cluster = open, cluster.places.count > 1,
        cluster.places.contains(where: { isOfLoss($0, graph) })
      else { return }
      let nodes = cluster.nodes(graph)
      let fused = LossRows(
        nodes: nodes, shape: cluster.shape, operands: outerOperands(of: nodes),
        results: cluster.results(graph))
      graph.apply(cluster.patch(.lossRows(fused)))
    }
    for index in graph.operations.indices {
      guard let node = graph.plain(index), let shape = shape(of: node, graph) else { continue }
      if open?.shape == shape, open!.canTake(node.operands, graph) {
        open!.places.append(index)
      } else {
        close()
        open = NodeCluster(places: [index], shape: shape)
      }
    }
    close()
  }

  /// Operations that tell a loss from the additions of a small network.
  private static func isOfLoss(_ index: Int, _ graph: FusedGraph) -> Bool {
    switch graph.plain(index)?.operation {
    case .softmax, .softmaxGradient, .oneHot: true
    default: false
    }
  }

  /// The shape of the tensors on which an operation works voxel by voxel; nil for other operations.
  private static func shape(of node: Node, _ graph: FusedGraph) -> Shape? {
    let result = graph.type(of: node.result)
    switch node.operation {
    case .softmax, .softmaxGradient, .binary, .oneHot: return wholeShape(result)
    case .broadcast(let shape, axes: [0, 4]):
      return graph.type(of: node.operands[0]).shape == [shape[0], shape[4]] ? wholeShape(result) : nil
    case .reduceSum(axes: [1, 2, 3]): return wholeShape(graph.type(of: node.operands[0]))
    default: return nil  // Computed by itself.
    }
  }

  private static func wholeShape(_ type: TensorType) -> Shape? {
    guard type.dtype == .f32, type.shape.rank == 5, type.shape.channels <= mostClasses,
      type.shape.elementCount > 0
    else { return nil }
    return type.shape
  }

  // MARK: Lowering

  func lower(_ compiler: GraphCompiler) throws {
    var program = RowProgram(RowGeometry(rowMajor: shape))
    var reads: [BufferID] = []
    for operand in operands {
      let type = compiler.type(of: operand)
      reads.append(try type.dtype == .i32 ? compiler.rowMajor(operand) : compiler.kernelOperand(operand))
      switch type.shape.rank {
      case 0: program.addScalar(operand)
      case 2: program.addRow(operand, isPerImage: true)
      default: program.addVoxels(operand, channels: type.shape.rank == 4 ? 1 : shape.channels)
      }
    }
    var writes: [BufferID] = []
    for node in nodes {
      let isKept = results.contains(node.result)
      if isKept { writes.append(compiler.define(node.result)) }
      program.add(node, dtype: .f32, isKept: isKept)
    }
    compiler.append(
      program, "loss", nodes.map(\.operation.name).joined(separator: ", "), reads: reads, writes: writes)
  }
}

/// Nodes of which one pass is to be made: it runs at the place of the first.
struct NodeCluster {
  var places: [Int]
  /// Of every whole tensor in it.
  let shape: Shape

  /// Whether values are there before the pass or made in it. Sums are complete only when it is over.
  func canTake(_ operands: [Value], _ graph: FusedGraph) -> Bool {
    operands.allSatisfy { operand in
      guard let producer = graph.defUse.producer(of: operand), producer >= places[0] else { return true }
      return places.contains(producer) && graph.type(of: operand).shape == shape
    }
  }

  func nodes(_ graph: FusedGraph) -> [Node] { places.compactMap { graph.plain($0) } }

  /// What the nodes compute and others read.
  func results(_ graph: FusedGraph) -> [Value] {
    let inside = Set(places)
    return nodes(graph).map(\.result).filter { result in
      graph.defUse.isKept(result) || graph.defUse.users(of: result).contains { !inside.contains($0) }
    }
  }

  func patch(_ operation: FusedOperation) -> Patch {
    Patch(host: places[0], places: places, operation: operation)
  }
}

/// What nodes read of others, each value once, in the order of its first use.
func outerOperands(of nodes: [Node]) -> [Value] {
  var known = Set(nodes.flatMap(\.results))
  return nodes.flatMap(\.operands).filter { known.insert($0).inserted }
}
