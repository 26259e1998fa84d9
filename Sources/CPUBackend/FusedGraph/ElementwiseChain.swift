import TensorGraph

/// Operations element by element on activations `[N, D, H, W, C]`, with scalars and with one number per channel, and
/// their sums over voxels, computed in one pass in the activations' own layout: activations and normalisations that
/// the graph composes.
///
/// Padding channels of what it writes are zero, whatever the operations make of zero.
struct ElementwiseChain: Fusion {
  /// In their order; all run at the place of the first.
  let nodes: [Node]
  /// Of every whole tensor in it.
  let shape: Shape
  /// For each value that the nodes read of others, what it is read from: the operand of a cast instead of its result.
  private let sources: [(value: Value, source: Value)]
  /// Scalar constants among what the nodes read.
  private let numbers: [(value: Value, number: Double)]
  /// What others read.
  let results: [Value]

  var operands: [Value] { sources.map(\.source) }

  // MARK: Pattern

  static func fuse(in graph: inout FusedGraph) {
    let activations = activations(of: graph)
    var open: NodeCluster?
    func close() {
      guard let cluster = open, let chain = ElementwiseChain(cluster, graph, activations) else { return }
      graph.apply(cluster.patch(.elementwise(chain)))
    }
    for index in graph.operations.indices {
      guard let node = graph.plain(index), let shape = shape(of: node, graph) else { continue }
      let operands = node.operands.filter { number($0, graph) == nil }.map { source(of: $0, graph, open) }
      if open?.shape == shape, open!.canTake(operands, graph) {
        // A cast of something else is read through by whoever reads it.
        if !isCast(node) || operands == node.operands && isInside(operands[0], graph, open!) {
          open!.places.append(index)
        }
      } else if !isCast(node) {
        close()
        open = NodeCluster(places: [index], shape: shape)
      }
    }
    close()
  }

  private init?(_ cluster: NodeCluster, _ graph: FusedGraph, _ activations: Set<Value>) {
    nodes = cluster.nodes(graph)
    shape = cluster.shape
    results = cluster.results(graph)
    let outer = outerOperands(of: nodes)
    numbers = outer.compactMap { value in Self.number(value, graph).map { (value, $0) } }
    let constants = Set(numbers.map(\.value))
    sources = outer.filter { !constants.contains($0) }.map { ($0, Self.source(of: $0, graph, cluster)) }
    guard sources.contains(where: { activations.contains($0.source) }),
      nodes.contains(where: { Self.leavesLayouts($0, graph) })
    else { return nil }
  }

  private static func isCast(_ node: Node) -> Bool { if case .cast = node.operation { true } else { false } }

  private static func isInside(_ value: Value, _ graph: FusedGraph, _ cluster: NodeCluster) -> Bool {
    graph.defUse.producer(of: value).map { cluster.places.contains($0) } ?? false
  }

  /// The number of a scalar constant; nil for other values.
  private static func number(_ value: Value, _ graph: FusedGraph) -> Double? {
    guard case .plain(let node) = graph.producer(of: value),
      case .constant(let number, let type) = node.operation,
      type.shape.rank == 0
    else { return nil }
    return number
  }

  /// What a value was cast from, where the cast is between floating-point dtypes, of a whole tensor, and not one of
  /// the cluster's; else the value.
  private static func source(of value: Value, _ graph: FusedGraph, _ cluster: NodeCluster?) -> Value {
    guard case .plain(let node) = graph.producer(of: value), isCast(node),
      shape(of: node, graph) != nil,
      cluster.map({ !isInside(value, graph, $0) }) ?? true
    else { return value }
    return node.operands[0]
  }

  /// The shape of a batch of more than one voxel; nil for other tensors.
  private static func wholeShape(_ type: TensorType) -> Shape? {
    guard [.f32, .bf16, .bool].contains(type.dtype), type.shape.rank == 5,
      type.shape.extents[1...3].reduce(1, *) > 1
    else { return nil }
    return type.shape
  }

  /// The shape of the whole tensors of a node that a chain can hold; nil for other nodes.
  private static func shape(of node: Node, _ graph: FusedGraph) -> Shape? {
    let types = node.operands.map { graph.type(of: $0) }
    let result = graph.type(of: node.result)
    switch node.operation {
    case .cast where result.dtype == .bool || types[0].dtype == .bool:
      return nil
    case .unary, .binary, .compare, .select, .cast:
      let areSuited = types.allSatisfy {
        $0.shape.rank == 0 ? $0.dtype == .f32 || $0.dtype == .bf16 : wholeShape($0) == result.shape
      }
      return areSuited ? wholeShape(result) : nil
    case .biasAdd:
      return types[0].dtype == .bool ? nil : wholeShape(result)
    case .broadcast(let shape, let axes):
      guard [.f32, .bf16].contains(result.dtype), isRow(types[0].shape, shape, axes) else { return nil }
      return wholeShape(result)
    case .reduceSum(axes: [1, 2, 3]), .reduceSum(axes: [0, 1, 2, 3]):
      return types[0].dtype == .f32 ? wholeShape(types[0]) : nil
    case .constant, .convolution, .convolutionInputGradient, .convolutionFilterGradient, .maxPool,
      .maxPoolGradient, .batchNormTraining, .batchNormInference, .batchNormGradient, .relu, .reluGradient,
      .prelu, .preluGradient, .softmax, .softmaxGradient, .concatenate, .slice, .pad, .reshape, .transpose,
      .reduceSum, .oneHot, .argmax, .allReduceMean, .optimizerUpdate:
      return nil
    }
  }

  /// Whether a broadcast repeats one number per channel, `[C]`, `[N, C]` or `[N, 1, 1, 1, C]`, or one number.
  private static func isRow(_ source: Shape, _ shape: Shape, _ axes: [Int]) -> Bool {
    guard shape.rank == 5 else { return false }
    let (images, channels) = (shape[0], shape[4])
    switch axes {
    case []: return true
    case [4]: return source == [channels]
    case [0, 4]: return source == [images, channels]
    case [0, 1, 2, 3, 4]: return source == [images, 1, 1, 1, channels] || source == [1, 1, 1, 1, channels]
    default: return false
    }
  }

  /// Whether an operation would by itself be computed row-major.
  private static func leavesLayouts(_ node: Node, _ graph: FusedGraph) -> Bool {
    switch node.operation {
    case .unary, .compare, .select, .broadcast: return true
    case .reduceSum(let axes): return axes.count == 3
    case .binary(let function):
      return !function.keepsZeros || function == .maximum || function == .minimum
        || node.operands.contains { graph.type(of: $0).shape.rank == 0 }
    default: return false  // The others keep the layout of their operand.
    }
  }

  /// Values that may lie in blocks of channels: what convolutions and their like compute, and what is made of that
  /// element by element.
  private static func activations(of graph: FusedGraph) -> Set<Value> {
    var activations = Set<Value>()
    for operation in graph.operations.compactMap({ $0 }) {
      let isActivation =
        switch operation {
        case .convolution, .batchNorm, .batchNormGradient, .maxPool, .maxPoolGradient,
          .channelAddition, .elementwise:
          true
        case .filterGradient, .sumOfSquares, .lossRows: false
        case .plain(let node):
          node.operation.keepsVoxels && node.operands.contains { activations.contains($0) }
        }
      guard isActivation else { continue }
      activations.formUnion(operation.results.filter { wholeShape(graph.type(of: $0)) != nil })
    }
    return activations
  }

  // MARK: Lowering

  func lower(_ compiler: GraphCompiler) throws {
    guard isBlocked(compiler) else {
      for node in nodes { try compiler.compile(node) }
      return
    }
    var program = RowProgram(RowGeometry(shape, block: MemoryDescriptor.blockSize))
    for (value, number) in numbers { program.addNumber(value, number, compiler.type(of: value).dtype) }
    let reads = try sources.map { value, source in
      try addInput(value, source, to: &program, compiler)
    }
    var writes: [BufferID] = []
    for node in nodes {
      let type = compiler.type(of: node.result)
      let isKept = results.contains(node.result)
      if isKept {
        let layout =
          type.shape == shape ? MemoryDescriptor(blocked: type) : compiler.rowMajorLayout(of: node.result)
        writes.append(compiler.define(node.result, as: layout))
      }
      program.add(node, dtype: type.dtype, isKept: isKept)
    }
    let names = nodes.map(\.operation.name).joined(separator: ", ")
    compiler.append(program, "elementwise", "\(names), blocked 16c", reads: reads, writes: writes)
  }

  /// Whether a whole operand lies in blocks.
  private func isBlocked(_ compiler: GraphCompiler) -> Bool {
    operands.contains { source in
      compiler.type(of: source).shape == shape && compiler.knownHome(source)?.layout.format == .blocked
    }
  }

  /// Returns the buffer that holds what a value is read from.
  private func addInput(
    _ value: Value, _ source: Value, to program: inout RowProgram, _ compiler: GraphCompiler
  ) throws -> BufferID {
    let type = compiler.type(of: source)
    switch type.shape {
    case shape:
      let isRounded = compiler.type(of: value).dtype == .bf16 && type.dtype == .f32
      program.addVoxels(value, dtype: type.dtype, isRounded: isRounded)
      return try compiler.located(source, as: MemoryDescriptor(blocked: type))
    case []:
      program.addScalar(value)
    default:
      program.addRow(value, isPerImage: type.shape.rank > 1 && type.shape[0] == shape[0])
    }
    return try compiler.kernelOperand(source)
  }
}

extension Operation {
  /// Whether the result has the operands' voxels and can have their layout.
  fileprivate var keepsVoxels: Bool {
    switch self {
    case .biasAdd, .batchNormInference, .relu, .reluGradient, .prelu, .preluGradient, .unary, .binary,
      .compare,
      .select, .cast, .concatenate, .slice:
      true
    case .constant, .convolution, .convolutionInputGradient, .convolutionFilterGradient, .maxPool,
      .maxPoolGradient, .batchNormTraining, .batchNormGradient, .softmax, .softmaxGradient, .pad, .reshape,
      .transpose, .broadcast, .reduceSum, .oneHot, .argmax, .allReduceMean, .optimizerUpdate:
      false
    }
  }
}
