import TensorGraph
import Testing

/// What the interpreter does as an executor: contents by name, updates at the end of a run.
@Suite struct ExecutorTests {
  private let pair = TensorType(.f32, [2])

  /// a and b swap their contents at each run: updates read what the run began with.
  private func swapGraph() -> Graph {
    var builder = GraphBuilder(name: "swap")
    let a = builder.parameter("a", .weight, pair)
    let b = builder.parameter("b", .state, pair)
    builder.update(a, with: b)
    builder.update(b, with: a)
    builder.output("a", a)
    return builder.graph
  }

  private func sumGraph() throws -> Graph {
    var builder = GraphBuilder(name: "sum")
    let a = builder.parameter("a", .weight, pair)
    builder.output("sum", try builder.add(a, builder.parameter("x", .input, pair)))
    return builder.graph
  }

  @Test func updatesHappenTogetherAtTheEnd() throws {
    let interpreter = Interpreter(["a": Tensor([2], [1, 2])])
    let executable = try interpreter.compile(swapGraph())
    try interpreter.load(["b": Tensor([2], [3, 4])])
    #expect(try executable.run([:])["a"] == Tensor([2], [1, 2]))
    let once = try interpreter.fetch(["a", "b"])
    #expect(once == ["a": Tensor([2], [3, 4]), "b": Tensor([2], [1, 2])])
    #expect(try executable.run([:])["a"] == Tensor([2], [3, 4]))
  }

  @Test func persistentParametersStartAtZero() throws {
    let interpreter = Interpreter()
    _ = try interpreter.compile(swapGraph())
    #expect(try interpreter.fetch(["b"]) == ["b": Tensor([2], [0, 0])])
  }

  @Test func graphsShareContentsByName() throws {
    let interpreter = Interpreter(["b": Tensor([2], [3, 4])])
    _ = try interpreter.run(swapGraph())
    #expect(try interpreter.run(sumGraph(), ["x": Tensor([2], [10, 20])])["sum"] == Tensor([2], [13, 24]))
  }

  @Test func missingAndWrongTensors() throws {
    let interpreter = Interpreter()
    let executable = try interpreter.compile(sumGraph())
    let wrong = Tensor([3], [1, 2, 3])
    #expect(throws: ExecutionError.missingInput("x")) { _ = try executable.run([:]) }
    #expect(throws: ExecutionError.wrongType(name: "x", expected: pair, found: wrong.type)) {
      _ = try executable.run(["x": wrong])
    }
    #expect(throws: ExecutionError.unknownTensor("z")) { _ = try interpreter.fetch(["a", "z"]) }
    #expect(throws: ExecutionError.wrongType(name: "a", expected: pair, found: wrong.type)) {
      try interpreter.load(["a": wrong, "fresh": wrong])
    }
    #expect(throws: ExecutionError.unknownTensor("fresh")) { _ = try interpreter.fetch(["fresh"]) }
    #expect(throws: ExecutionError.wrongType(name: "a", expected: pair, found: wrong.type)) {
      _ = try Interpreter(["a": wrong]).compile(sumGraph())
    }
  }

  /// Contents given with more precision than their dtype has are rounded, as a device's memory would.
  @Test func contentsAreRounded() throws {
    var builder = GraphBuilder(name: "narrow")
    let type = TensorType(.bf16, [2])
    builder.output("x", builder.parameter("x", .input, type))
    builder.output("w", builder.parameter("w", .weight, type))
    let interpreter = Interpreter()
    try interpreter.load(["w": Tensor(type, [1.003, 2])])
    let outputs = try interpreter.run(builder.graph, ["x": Tensor(type, [0.1, 3])])
    #expect(outputs["x"]?.elements == [0.10009765625, 3])
    #expect(outputs["w"]?.elements == [1, 2])
  }
}
