import GraphCases
import TensorGraph
import Testing

/// Passes that rebuild graphs by `GraphTranslation` keep parameters, outputs, updates and values' numbers in order.
@Suite struct GraphTranslationTests {
  /// Every case of the catalogue, rebuilt by passes that have nothing to change in it.
  @Test(arguments: allGraphCases)
  func passesWithNothingToDoKeepTheGraph(_ graphCase: GraphCase) throws {
    let pruned = graphCase.graph.removingDeadNodes()
    try pruned.verify()
    #expect(pruned.removingDeadNodes().description == pruned.description)
    let early = pruned.startingAllReducesEarly()
    try early.verify()
    #expect(early.nodes.count == pruned.nodes.count)
    if !pruned.nodes.contains(where: { $0.operation == .allReduceMean }) {
      #expect(early.description == pruned.description)
    }
  }

  @Test func numbersValuesInTheOrderOfTheirDefinition() throws {
    var builder = GraphBuilder(name: "early")
    let type = TensorType(.f32, [2])
    let x = builder.parameter("x", .input, type)
    let square = try builder.multiply(x, x)
    let root = try builder.squareRoot(x)
    builder.output("mean", try builder.apply(.allReduceMean, square))
    builder.output("root", root)
    let early = builder.graph.startingAllReducesEarly()
    try early.verify()
    #expect(early.nodes.map(\.operation.name) == ["multiply", "all_reduce_mean", "sqrt"])
    #expect(early.nodes.flatMap(\.results).map(\.id) == [1, 2, 3])
    #expect(early.outputs.map(\.name) == ["mean", "root"])
  }
}
