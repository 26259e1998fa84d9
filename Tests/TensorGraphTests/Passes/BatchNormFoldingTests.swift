import SeededRandom
import TensorGraph
import Testing

@Suite struct BatchNormFoldingTests {
  private static let extents = [3, 4, 3]

  /// A convolution of 2 to 3 channels (or its transpose), perhaps a bias, a batch norm and a ReLU.
  private func graph(transposed: Bool, bias: Bool, readsConvolution: Bool = false) throws -> Graph {
    var builder = GraphBuilder(name: "layer")
    let x = builder.parameter("x", .input, TensorType(.f32, Shape([2] + Self.extents + [2])))
    let shape: Shape = transposed ? [2, 2, 2, 3, 2] : [3, 3, 3, 2, 3]
    let w = builder.parameter("w", .weight, TensorType(.f32, shape))
    let channel = ["b", "scale", "offset", "mean", "variance"].map {
      builder.parameter($0, .weight, TensorType(.f32, [3]))
    }
    var y: Value
    if transposed {
      let window = ConvolutionWindow(Array(repeating: WindowAxis(stride: 2), count: 3))
      let output = Shape([2] + Self.extents.map { 2 * $0 } + [3])
      y = try builder.transposedConvolution(x, w, window, outputShape: output)
    } else {
      let axes = Self.extents.map { WindowAxis.same(input: $0, kernel: 3, stride: 1) }
      y = try builder.convolution(x, w, ConvolutionWindow(axes))
    }
    if readsConvolution { builder.output("convolution", y) }
    if bias { y = try builder.biasAdd(y, channel[0]) }
    y = try builder.batchNormInference(
      y, scale: channel[1], offset: channel[2], mean: channel[3], variance: channel[4], epsilon: 1e-3)
    builder.output("y", try builder.relu(y))
    return builder.graph
  }

  private func batchNormCount(_ graph: Graph) -> Int {
    graph.nodes.count {
      if case .batchNormInference = $0.operation { true } else { false }
    }
  }

  private func run(_ graph: Graph) throws -> Tensor {
    let interpreter = Interpreter()
    var inputs: [String: Tensor] = [:]
    for parameter in graph.parameters {
      var random = SplitMix64(seed: UInt64(parameter.name.utf8.reduce(0) { $0 &+ UInt64($1) }))
      let type = graph.type(of: parameter.value)
      let isVariance = parameter.name == "variance"
      let elements = (0..<type.shape.elementCount).map { _ in
        isVariance ? Float(random.nextUnit()) + 0.1 : Float(2 * random.nextUnit() - 1)
      }
      let tensor = Tensor(type, elements)
      if parameter.kind.isPersistent { try interpreter.load([parameter.name: tensor]) }
      if !parameter.kind.isPersistent { inputs[parameter.name] = tensor }
    }
    return try #require(try interpreter.compile(graph).run(inputs)["y"])
  }

  @Test(arguments: [false, true], [false, true])
  func foldedGraphComputesTheSame(transposed: Bool, bias: Bool) throws {
    let graph = try graph(transposed: transposed, bias: bias)
    let folded = try graph.foldingBatchNorms()
    #expect(batchNormCount(graph) == 1)
    #expect(batchNormCount(folded) == 0)
    let (expected, found) = (try run(graph), try run(folded))
    #expect(expected.type == found.type)
    #expect(zip(expected.elements, found.elements).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test func convolutionThatIsReadElsewhereKeepsItsBatchNorm() throws {
    let graph = try graph(transposed: false, bias: true, readsConvolution: true)
    #expect(batchNormCount(try graph.foldingBatchNorms()) == 1)
  }
}
