import GraphCases
import TensorGraph
import Testing

@Suite struct DeadCodeEliminationTests {
  @Test func golden() throws {
    var builder = GraphBuilder(name: "half dead")
    let type = TensorType(.f32, [2])
    let unused = builder.parameter("unused input", .input, type)
    let x = builder.parameter("x", .input, type)
    _ = builder.parameter("unused weight", .weight, type)
    let state = builder.parameter("state", .state, type)
    _ = try builder.relu(unused)
    let square = try builder.multiply(x, x)
    _ = try builder.add(square, builder.constant(1))
    builder.output("y", try builder.squareRoot(square))
    let (_, mean, _) = try builder.batchNormTraining(x, scale: state, offset: state, epsilon: 0.5)
    builder.update(state, with: mean)
    let pruned = builder.graph.removingDeadNodes()
    try pruned.verify()
    #expect(
      pruned.description == """
        graph "half dead" {
          %0 = input "x" : tensor<2xf32>
          %1 = weight "unused weight" : tensor<2xf32>
          %2 = state "state" : tensor<2xf32>
          %3 = multiply(%0, %0) : tensor<2xf32>
          %4 = sqrt(%3) : tensor<2xf32>
          %5, %6, %7 = batch_norm_training(%0, %2, %2) {epsilon = 0.5} : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
          output "y" = %4
          update "state" = %6
        }
        """)
  }

  /// The gradient rules leave dead nodes behind; without them every case gives the same, and a second pass finds
  /// nothing more.
  @Test(arguments: allGraphCases)
  func resultsStay(_ graphCase: GraphCase) throws {
    let pruned = graphCase.graph.removingDeadNodes()
    try pruned.verify()
    #expect(pruned.removingDeadNodes().description == pruned.description)
    let expected = try Interpreter(graphCase.state).run(graphCase.graph, graphCase.inputs)
    let found = try Interpreter(graphCase.state).run(pruned, graphCase.inputs)
    #expect(Set(found.keys) == Set(expected.keys))
    for (name, tensor) in found {
      let bits = expected[name]?.elements.map(\.bitPattern)
      #expect(tensor.elements.map(\.bitPattern) == bits, "\(name)")
    }
  }
}
