import TensorGraph
import Testing

@Suite struct KnownValuesTests {
  @Test func whatFollowsFromWeightsAloneIsKnown() throws {
    var builder = GraphBuilder(name: "known")
    let x = builder.parameter("x", .input, TensorType(.f32, [2]))
    let w = builder.parameter("w", .weight, TensorType(.f32, [2]))
    let doubled = try builder.add(w, w)
    let shifted = try builder.add(doubled, builder.constant(1))
    let product = try builder.multiply(x, shifted)
    builder.output("y", product)
    let known = try builder.graph.knownValues(["w": Tensor([2], [1, -2])])
    #expect(known[shifted] == Tensor([2], [3, -3]))
    #expect(known[x] == nil && known[product] == nil)
    #expect(throws: ExecutionError.unknownTensor("w")) { try builder.graph.knownValues([:]) }
  }
}
