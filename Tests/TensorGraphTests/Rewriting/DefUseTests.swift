import TensorGraph
import Testing

@Suite struct DefUseTests {
  private func graph() throws -> (graph: Graph, x: Value, square: Value, sum: Value, state: Value) {
    var builder = GraphBuilder(name: "def-use")
    let type = TensorType(.f32, [2])
    let x = builder.parameter("x", .input, type)
    let state = builder.parameter("state", .state, type)
    let square = try builder.multiply(x, x)
    let sum = try builder.add(square, state)
    builder.output("sum", sum)
    builder.output("sum again", sum)
    builder.update(state, with: square)
    return (builder.graph, x, square, sum, state)
  }

  @Test func producersAndUsers() throws {
    let (graph, x, square, sum, state) = try graph()
    let defUse = DefUse(graph)
    #expect(defUse.producer(of: x) == nil)
    #expect(defUse.producer(of: square) == 0)
    #expect(defUse.producer(of: sum) == 1)
    #expect(defUse.users(of: x) == [0, 0])
    #expect(defUse.users(of: state) == [1])
  }

  /// A node that reads a value twice is no only user, nor is one beside an output or an update.
  @Test func onlyUsers() throws {
    let (graph, x, square, sum, state) = try graph()
    let defUse = DefUse(graph)
    #expect(defUse.isKept(square) && defUse.isKept(sum) && !defUse.isKept(x) && !defUse.isKept(state))
    #expect(defUse.onlyUser(of: x) == nil)
    #expect(defUse.onlyUser(of: square) == nil)
    #expect(defUse.onlyUser(of: state) == 1)
    #expect(defUse.onlyProducer(of: square) == nil)
  }

  @Test func followsChanges() throws {
    let (graph, x, square, sum, state) = try graph()
    var defUse = DefUse(graph)
    for (index, node) in graph.nodes.enumerated() { defUse.remove(node, at: index) }
    #expect(defUse.users(of: x).isEmpty)
    #expect(defUse.producer(of: square) == nil)
    defUse.insert(Flow(operands: [state], results: [sum]), at: 4)
    defUse.insert(Flow(operands: [state], results: [square]), at: 2)
    #expect(defUse.users(of: state) == [2, 4])
    #expect(defUse.producer(of: sum) == 4)
  }
}

private struct Flow: ValueFlow {
  let operands: [Value]
  let results: [Value]
}
