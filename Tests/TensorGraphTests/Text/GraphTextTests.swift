import GraphCases
import TensorGraph
import Testing

@Suite struct GraphTextTests {
  @Test func golden() throws {
    var builder = GraphBuilder(name: "small \"network\"")
    let image = builder.parameter("image", .input, TensorType(.f32, [1, 4, 4, 4, 1]))
    let weights = builder.parameter("weights", .weight, TensorType(.f32, [2, 3, 3, 1, 2]))
    let scale = builder.parameter("scale", .weight, TensorType(.f32, [2]))
    let moving = builder.parameter("moving_mean", .state, TensorType(.f32, [2]))
    let window = ConvolutionWindow([
      WindowAxis(stride: 2), WindowAxis(before: 1, after: 2), WindowAxis(before: 2, after: 2, dilation: 2),
    ])
    let x = try builder.convolution(image, weights, window)
    let (y, mean, _) = try builder.batchNormTraining(x, scale: scale, offset: moving, epsilon: 0.001)
    let pooled = try builder.maxPool(y, .tiles(2))
    builder.output("y", try builder.transpose(pooled, [4, 0, 1, 2, 3]))
    builder.update(moving, with: try builder.multiply(mean, builder.constant(0.5)))
    #expect(
      builder.graph.description == """
        graph "small \\"network\\"" {
          %0 = input "image" : tensor<1x4x4x4x1xf32>
          %1 = weight "weights" : tensor<2x3x3x1x2xf32>
          %2 = weight "scale" : tensor<2xf32>
          %3 = state "moving_mean" : tensor<2xf32>
          %4 = convolution(%0, %1) {window = {stride = [2, 1, 1], pad = [[0, 0], [1, 2], [2, 2]], \
        rhs_dilate = [1, 1, 2]}} : tensor<1x2x5x4x2xf32>
          %5, %6, %7 = batch_norm_training(%4, %2, %3) {epsilon = 0.001} : \
        tensor<1x2x5x4x2xf32>, tensor<2xf32>, tensor<2xf32>
          %8 = max_pool(%5) {window = {size = [2, 2, 2], stride = [2, 2, 2], \
        pad = [[0, 0], [0, 0], [0, 0]]}} : tensor<1x1x2x2x2xf32>
          %9 = transpose(%8) {permutation = [4, 0, 1, 2, 3]} : tensor<2x1x1x2x2xf32>
          %10 = constant() {value = 0.5} : tensor<f32>
          %11 = multiply(%6, %10) : tensor<2xf32>
          output "y" = %9
          update "moving_mean" = %11
        }
        """)
  }

  /// What the lines of the other operations say after `= `, with operands %0, %1, ... of any types they take.
  @Test(arguments: [
    (Operation.slice(start: [0, 1], limit: [2, 3]), "slice(%0) {start = [0, 1], limit = [2, 3]}"),
    (.pad(before: [0, 1], after: [2, 0]), "pad(%0) {before = [0, 1], after = [2, 0]}"),
    (.concatenate(axis: 1), "concatenate(%0) {axis = 1}"),
    (.argmax(axis: 0), "argmax(%0) {axis = 0}"),
    (.broadcast([4, 3, 3], axes: [1, 2]), "broadcast(%0) {axes = [1, 2]}"),
    (.reduceSum(axes: [1]), "reduce_sum(%0) {axes = [1]}"),
    (.reshape([9]), "reshape(%0)"), (.cast(.bf16), "cast(%0)"), (.unary(.isFinite), "is_finite(%0)"),
  ])
  func attributes(_ operation: Operation, _ text: String) throws {
    var builder = GraphBuilder(name: "one")
    let x = builder.parameter("x", .input, TensorType(.f32, [3, 3]))
    let y = try builder.apply(operation, x)
    #expect(builder.graph.description.contains("  %1 = \(text) : \(builder.type(of: y))\n"))
  }

  @Test(arguments: [
    (
      OptimizerRule.sgd(momentum: 0.9, nesterov: true), "{rule = sgd, momentum = 0.9, nesterov = true}"
    ),
    (
      .rmsprop(decay: 0.9, epsilon: 1e-10, momentum: 0),
      "{rule = rmsprop, decay = 0.9, epsilon = 1e-10, momentum = 0.0}"
    ),
    (
      .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8),
      "{rule = adam, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-08}"
    ),
  ])
  func optimizerRule(_ rule: OptimizerRule, _ text: String) throws {
    var builder = GraphBuilder(name: "step")
    let scalar = builder.constant(1)
    try builder.apply(.optimizerUpdate(rule), Array(repeating: scalar, count: 4 + rule.slots.count))
    #expect(builder.graph.description.contains(text))
  }

  /// Nothing that matters is left out: graphs that read alike are alike.
  @Test func equalTextsMeanEqualGraphs() {
    var seen: [String: Graph] = [:]
    for var graph in allGraphCases.map(\.graph) {
      graph.name = ""
      let twin = seen[graph.description, default: graph]
      #expect(twin.nodes == graph.nodes && twin.types == graph.types, "\(graph)")
      seen[graph.description] = graph
    }
    #expect(seen.count > 300)
  }
}
