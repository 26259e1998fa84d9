import GraphCases
import TensorGraph
import Testing

@Suite struct MixedPrecisionTests {
  private let window = ConvolutionWindow(Array(repeating: WindowAxis(before: 1, after: 1), count: 3))

  /// What the rewrite made of a small graph: one line per node, names of operations with result dtypes.
  private func rewritten(_ body: (inout GraphBuilder) throws -> Void) throws -> [String] {
    var builder = GraphBuilder(name: "small")
    try body(&builder)
    let graph = try builder.graph.mixedPrecision(.bf16).graph
    try graph.verify()
    return graph.nodes.map { node in
      let operands = node.operands.map { "\($0.id)" }.joined(separator: ",")
      return "\(node.operation.name)(\(operands)) \(graph.type(of: node.results[0]).dtype.rawValue)"
    }
  }

  private func image(_ builder: inout GraphBuilder, channels: Int = 2) -> Value {
    builder.parameter("x", .input, TensorType(.f32, [1, 4, 4, 4, channels]))
  }

  private func kernel(_ builder: inout GraphBuilder, _ name: String, _ from: Int, _ to: Int) -> Value {
    builder.parameter(name, .weight, TensorType(.f32, [3, 3, 3, from, to]))
  }

  @Test func aConvolutionIsCastOnceOnEachSide() throws {
    let nodes = try rewritten { b in
      let (x, w) = (image(&b), kernel(&b, "w", 2, 3))
      b.output("y", try b.convolution(x, w, window))
    }
    #expect(nodes == ["cast(0) bf16", "cast(1) bf16", "convolution(2,3) bf16", "cast(4) f32"])
  }

  @Test func neighboursStayInHalfAndASharedOperandIsCastOnce() throws {
    let nodes = try rewritten { b in
      let (x, w) = (image(&b), kernel(&b, "w", 2, 2))
      let y = try b.relu(try b.convolution(x, w, window))
      b.output("y", try b.convolution(try b.add(y, x), w, window))
    }
    #expect(
      nodes == [
        "cast(0) bf16", "cast(1) bf16", "convolution(2,3) bf16", "relu(4) bf16", "add(5,2) bf16",
        "convolution(6,3) bf16", "cast(7) f32",
      ])
  }

  @Test func batchNormIsInHalfBetweenConvolutionsWithFloat32Parameters() throws {
    let nodes = try rewritten { b in
      let (x, w) = (image(&b), kernel(&b, "w", 2, 2))
      let scale = b.parameter("scale", .weight, TensorType(.f32, [2]))
      let offset = b.parameter("offset", .weight, TensorType(.f32, [2]))
      let normalized = try b.batchNormTraining(
        try b.convolution(x, w, window), scale: scale, offset: offset, epsilon: 1e-3)
      b.output("mean", normalized.mean)
      b.output("y", try b.convolution(normalized.y, w, window))
    }
    #expect(
      nodes == [
        "cast(0) bf16", "cast(1) bf16", "convolution(4,5) bf16", "batch_norm_training(6,2,3) bf16",
        "convolution(7,5) bf16", "cast(10) f32",
      ])
  }

  @Test func batchNormAtTheEndStaysInFloat32() throws {
    let nodes = try rewritten { b in
      let (x, w) = (image(&b), kernel(&b, "w", 2, 2))
      let scale = b.parameter("scale", .weight, TensorType(.f32, [2]))
      let y = try b.batchNormTraining(
        try b.convolution(x, w, window), scale: scale, offset: scale, epsilon: 1e-3
      ).y
      b.output("y", try b.softmax(y))
    }
    #expect(nodes.suffix(3) == ["cast(5) f32", "batch_norm_training(6,2,2) f32", "softmax(7) f32"])
  }

  @Test func aBroadcastForAConvolutionIsCastBeforeItGrows() throws {
    let nodes = try rewritten { b in
      let (x, w) = (image(&b, channels: 1), kernel(&b, "w", 4, 4))
      let wide = try b.broadcast(x, to: [1, 4, 4, 4, 4], axes: [0, 1, 2, 3, 4])
      b.output("y", try b.convolution(wide, w, window))
    }
    #expect(nodes.prefix(2) == ["cast(0) bf16", "broadcast(2) bf16"])
  }

  @Test func sumsSquaresAndOptimisersStayInFloat32() throws {
    var builder = GraphBuilder(name: "step")
    let (x, w) = (image(&builder), kernel(&builder, "w", 2, 2))
    let y = try builder.convolution(x, w, window)
    let loss = try builder.reduceSum(try builder.multiply(y, y))
    let gradient = try builder.gradients(of: loss, withRespectTo: [w])[0]
    let norm = try builder.reduceSum(try builder.multiply(gradient, gradient))
    let rate = builder.constant(0.1)
    let new = try builder.apply(
      .optimizerUpdate(.sgd(momentum: 0, nesterov: false)), [w, gradient, rate, norm])
    builder.update(w, with: new[0])
    let (graph, report) = try builder.graph.mixedPrecision(.f16)
    try graph.verify()
    for node in graph.nodes
    where ["reduce_sum", "optimizer_update", "multiply"].contains(node.operation.name) {
      #expect(node.results.allSatisfy { graph.type(of: $0).dtype == .f32 }, "\(node.operation.name)")
    }
    #expect(report.halfOperations == ["convolution": 1, "convolution_filter_gradient": 1])
  }

  /// On every graph of the catalogue: types are kept at the ends, no value is cast twice to one dtype, and no cast
  /// undoes another.
  @Test(arguments: allGraphCases, [DType.bf16, .f16])
  func castsAreFewAndEndsKeepTheirTypes(_ graphCase: GraphCase, _ dtype: DType) throws {
    let source = graphCase.graph
    let graph = try source.mixedPrecision(dtype).graph
    try graph.verify()
    #expect(
      graph.outputs.map { graph.type(of: $0.value) } == source.outputs.map { source.type(of: $0.value) })
    guard !source.nodes.contains(where: \.isCast) else { return }
    var seen: Set<Node> = []
    for node in graph.nodes where node.isCast {
      var key = node
      key.results = []
      #expect(seen.insert(key).inserted, "a value is cast twice")
      let producer = graph.nodes.first { $0.results.contains(node.operands[0]) }
      #expect(producer?.isCast != true, "a cast of a cast")
    }
  }

  @Test func aGraphWithoutConvolutionsIsLeftAlone() throws {
    let nodes = try rewritten { b in
      let x = image(&b)
      b.output("y", try b.softmax(try b.relu(try b.add(x, x))))
    }
    #expect(nodes == ["add(0,0) f32", "relu(1) f32", "softmax(2) f32"])
  }
}

extension Node {
  fileprivate var isCast: Bool {
    if case .cast = operation { return true }
    return false
  }
}
