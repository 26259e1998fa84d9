import GraphCases
import TensorGraph
import Testing

@Suite struct VerifierTests {
  @Test(arguments: allGraphCases)
  func acceptsWhatTheBuilderMakes(_ graphCase: GraphCase) throws { try graphCase.graph.verify() }

  /// %0 input x, %1 weight w, %2 state s, all `[2, 3]`; %3 = x + w, %4 = relu %3; output y = %4; s takes %3.
  private func wholeGraph() throws -> Graph {
    var builder = GraphBuilder(name: "whole")
    let type = TensorType(.f32, [2, 3])
    let x = builder.parameter("x", .input, type)
    let w = builder.parameter("w", .weight, type)
    let s = builder.parameter("s", .state, type)
    let sum = try builder.add(x, w)
    builder.output("y", try builder.relu(sum))
    builder.update(s, with: sum)
    try builder.graph.verify()
    return builder.graph
  }

  private func expectError(
    _ error: VerificationError, _ location: SourceLocation = #_sourceLocation,
    _ corrupt: (inout Graph) -> Void
  ) throws {
    var graph = try wholeGraph()
    corrupt(&graph)
    #expect(throws: error, sourceLocation: location) { try graph.verify() }
    #expect(throws: error, sourceLocation: location) { _ = try Interpreter().compile(graph) }
  }

  /// The value of that id: the graph makes its own.
  private func value(_ id: Int) throws -> Value {
    var builder = GraphBuilder(name: "values")
    var value = builder.constant(0)
    for _ in 0..<id { value = builder.constant(0) }
    return value
  }

  @Test func definitions() throws {
    let (four, five) = (try value(4), try value(5))
    try expectError(.unknownValue(five)) { $0.nodes[1].results = [five] }
    try expectError(.unknownValue(five)) { $0.parameters[0].value = five }
    try expectError(.definedTwice(try value(3))) { $0.nodes[1].results = $0.nodes[0].results }
    try expectError(.definedTwice(try value(0))) { $0.parameters[1].value = $0.parameters[0].value }
    try expectError(.definedTwice(try value(1))) { $0.nodes[0].results = [$0.parameters[1].value] }
    try expectError(.usedBeforeDefinition(four, node: 0, operation: "add")) { $0.nodes[0].operands[1] = four }
    try expectError(.usedBeforeDefinition(five, node: 0, operation: "add")) { $0.nodes[0].operands[1] = five }
    try expectError(.usedBeforeDefinition(try value(3), node: 0, operation: "relu")) { $0.nodes.swapAt(0, 1) }
    try expectError(.undefinedValue(five)) { $0.types.append(TensorType(.f32, .scalar)) }
  }

  @Test func types() throws {
    let (expected, wrong) = (TensorType(.f32, [2, 3]), TensorType(.bf16, [2, 3]))
    try expectError(.wrongResultType(node: 1, operation: "relu", expected: expected, found: wrong)) {
      $0.types[4] = wrong
    }
    try expectError(.wrongResultCount(node: 1, operation: "relu", expected: 1, found: 0)) {
      $0.nodes[1].results = []
    }
    let mismatch = ShapeError.dtypeMismatch(operation: "add", .f32, .bf16)
    try expectError(.invalidOperands(node: 0, mismatch)) { $0.types[1] = wrong }
    let count = ShapeError.wrongOperandCount(operation: "add", expected: 2, found: 1)
    try expectError(.invalidOperands(node: 0, count)) { $0.nodes[0].operands.removeLast() }
    try expectError(.nonPositiveExtent(try value(0), [0, 3])) { $0.types[0] = TensorType(.f32, [0, 3]) }
    try expectError(.nonPositiveExtent(try value(2), [2, -3])) { $0.types[2] = TensorType(.f32, [2, -3]) }
  }

  @Test func namesAndOutputs() throws {
    let five = try value(5)
    try expectError(.duplicateParameterName("x")) { $0.parameters[2].name = "x" }
    try expectError(.duplicateOutputName("y")) { $0.outputs.append($0.outputs[0]) }
    try expectError(.undefinedOutput(name: "y", five)) { $0.outputs[0].value = five }
  }

  @Test func updates() throws {
    let five = try value(5)
    try expectError(.updateOfNonPersistent(try value(0))) { $0.updates[0].parameter = $0.parameters[0].value }
    try expectError(.updateOfNonPersistent(try value(4))) { $0.updates[0].parameter = $0.outputs[0].value }
    try expectError(.updatedTwice(parameter: "s")) { $0.updates.append($0.updates[0]) }
    try expectError(.undefinedUpdate(parameter: "s", five)) { $0.updates[0].value = five }
    let (expected, found) = (TensorType(.f32, [6]), TensorType(.f32, [2, 3]))
    try expectError(.wrongUpdateType(parameter: "s", expected: expected, found: found)) {
      $0.types[2] = expected
    }
  }
}
