import Foundation
import Networks
import TensorGraph
import Testing

/// Instance norm and leaky ReLU against PyTorch and figures done by hand, on the reference interpreter.
@Suite struct LayerTests {
  private func run(
    _ shape: Shape, _ elements: [Float], channels: [String: [Float]] = [:],
    _ layer: (inout GraphBuilder, Value, [String: Value]) throws -> Value
  ) throws -> [String: [Float]] {
    var builder = GraphBuilder(name: "layer")
    let x = builder.parameter("x", .input, TensorType(.f32, shape))
    var values: [String: Value] = [:]
    for name in channels.keys.sorted() {
      values[name] = builder.parameter(name, .input, TensorType(.f32, [shape.channels]))
    }
    let y = try layer(&builder, x, values)
    builder.output("y", y)
    let cotangent = builder.parameter("cotangent", .input, TensorType(.f32, shape))
    let loss = try builder.reduceSum(try builder.multiply(y, cotangent))
    let names = ["x"] + values.keys.sorted()
    let gradients = try builder.gradients(
      of: loss, withRespectTo: [x] + values.keys.sorted().map { values[$0]! })
    for (name, gradient) in zip(names, gradients) { builder.output("d" + name, gradient) }
    var inputs = channels.mapValues { Tensor([shape.channels], $0) }
    inputs["x"] = Tensor(shape, elements)
    inputs["cotangent"] = Tensor(shape, elements.indices.map { Float(cos(Double($0))) })
    return try Interpreter().run(builder.graph, inputs).mapValues(\.elements)
  }

  private func expect(_ found: [Float]?, _ expected: [Float], _ location: SourceLocation = #_sourceLocation) {
    let difference = zip(found ?? [], expected).map { abs($0 - $1) }.max() ?? .infinity
    #expect(found?.count == expected.count && difference < 2e-5, "\(found ?? [])", sourceLocation: location)
  }

  // import torch, torch.nn.functional as F; torch.set_default_dtype(torch.float64)
  // x = torch.sin(torch.arange(24.) * 1.3).reshape(2, 1, 2, 3, 2) * 2 + 1; x.requires_grad_()   # N, D, H, W, C
  // scale = torch.tensor([1.5, -0.5], requires_grad=True); offset = torch.tensor([0.25, 1.0], requires_grad=True)
  // y = F.instance_norm(x.permute(0, 4, 1, 2, 3), weight=scale, bias=offset, eps=1e-5).permute(0, 2, 3, 4, 1)
  // (y * torch.cos(torch.arange(24.)).reshape(y.shape)).sum().backward()
  @Test func instanceNormIsPyTorchs() throws {
    let elements = (0..<24).map { Float(2 * sin(1.3 * Double($0)) + 1) }
    let found = try run([2, 1, 2, 3, 2], elements, channels: ["scale": [1.5, -0.5], "offset": [0.25, 1]]) {
      try $0.instanceNorm($1, scale: $2["scale"]!, offset: $2["offset"]!)
    }
    expect(
      found["y"],
      [
        0.169792, 0.433531, 1.282626, 1.615978, -1.737359, 0.969458, 2.325389, 0.895003, -1.617272, 1.669122,
        1.076824, 0.416909, 0.523167, 1.543314, -1.015399, 0.444273, 2.295901, 0.955727, -1.840364, 1.178250,
        1.936974, 0.285441, -0.400279, 1.592994,
      ])
    expect(
      found["dx"],
      [
        1.111449, 0.006019, -0.627057, 0.097838, -0.313625, -0.108804, 0.661762, -0.248447, 0.212193,
        0.049105,
        -1.044721, 0.204290, 0.937007, -0.185098, -0.065480, 0.102526, -0.732340, 0.072982, 0.371550,
        -0.316943, 0.686284, -0.018075, -1.197022, 0.344609,
      ])
    expect(found["dscale"], [0.277551, 0.873784])
    expect(found["doffset"], [-0.002822, -0.538092])
  }

  /// Channels that do not vary are offset; a large mean costs no digits, which E[x^2] - E[x]^2 would lose.
  @Test func instanceNormBearsConstantAndDistantChannels() throws {
    let elements: [Float] = [7, 10_001, 7, 9_999, 7, 10_001, 7, 9_999]
    let found = try run([1, 1, 2, 2, 2], elements, channels: ["scale": [2, 3], "offset": [5, 0]]) {
      try $0.instanceNorm($1, scale: $2["scale"]!, offset: $2["offset"]!)
    }
    expect(found["y"]!, [5, 3, 5, -3, 5, 3, 5, -3].map { $0 == 5 ? 5 : $0 * 0.999_995 })
  }

  @Test func leakyReLUKeepsAHundredthBelowZero() throws {
    let found = try run([1, 1, 1, 2, 2], [-2, 3, 0, -0.5]) { builder, x, _ in try builder.leakyReLU(x) }
    expect(found["y"], [-0.02, 3, 0, -0.005])
    expect(found["dx"], [0.01, 0.540302, -0.004161, -0.009900])
  }

  /// A convolution, instance norm, leaky ReLU and another convolution.
  private func graph() throws -> Graph {
    var builder = GraphBuilder(name: "layers")
    var x = builder.parameter("x", .input, TensorType(.f32, [2, 4, 4, 4, 3]))
    for (name, from, to) in [("first", 3, 8), ("second", 8, 4)] {
      let weights = builder.parameter(name, .weight, TensorType(.f32, [3, 3, 3, from, to]))
      let axis = WindowAxis.same(input: 4, kernel: 3)
      x = try builder.convolution(x, weights, ConvolutionWindow([axis, axis, axis]))
      let scale = builder.parameter("\(name)/scale", .weight, TensorType(.f32, [to]))
      let offset = builder.parameter("\(name)/offset", .weight, TensorType(.f32, [to]))
      x = try builder.leakyReLU(try builder.instanceNorm(x, scale: scale, offset: offset))
    }
    builder.output("y", x)
    return builder.graph
  }

  /// Sums, roots and quotients of a mixed-precision graph have float32 operands and results.
  @Test(arguments: [DType.bf16, .f16])
  func statisticsStayInFloat32(_ half: DType) throws {
    let graph = try graph().mixedPrecision(half).graph
    var found = 0
    for node in graph.nodes {
      switch node.operation {
      case .reduceSum, .unary(.sqrt), .binary(.divide):
        found += 1
        for value in node.operands + node.results { #expect(graph.type(of: value).dtype == .f32) }
      default: break
      }
    }
    #expect(found == 2 * 4)
    let activation = try #require(graph.nodes.first { $0.operation == .select })
    #expect(graph.type(of: activation.result).dtype == half)
  }

  @Test func foldingBatchNormsLeavesInstanceNormAlone() throws {
    let graph = try graph()
    #expect(try graph.foldingBatchNorms().nodes.map(\.operation) == graph.nodes.map(\.operation))
  }
}
