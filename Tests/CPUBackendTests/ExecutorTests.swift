import CPUBackend
import GraphCases
import TensorGraph
import Testing

/// Runs: repeatable, alike on any number of threads, and refused where an input does not fit.
@Suite(.serialized) struct ExecutorTests {
  @Test(arguments: possibleCases)
  func runsAreBitEqual(_ graphCase: GraphCase) throws {
    let executors = [try CPUExecutor(threadCount: 2), try CPUExecutor(threadCount: 2)]
    let first = try CaseRun(graphCase, on: executors[0])
    // What was measured may come out otherwise at the next time.
    executors[1].adopt(measuredChoices: executors[0].measuredChoices)
    let second = try CaseRun(graphCase, on: executors[1])
    // Comparisons outside of #expect, which would print every element.
    let (areExecutorsAlike, areRunsAlike) = (first.bits == second.bits, first.bits[0] == first.bits[1])
    #expect(areExecutorsAlike)
    if graphCase.graph.updates.isEmpty { #expect(areRunsAlike) }
  }

  @Test(arguments: possibleCases)
  func threadCountDoesNotMatter(_ graphCase: GraphCase) throws {
    let one = try CaseRun(graphCase, on: try CPUExecutor(threadCount: 1))
    let two = try CaseRun(graphCase, on: try CPUExecutor(threadCount: 2))
    #expect(two.differences(from: one, tolerance: graphCase.tolerance) == [])
  }

  @Test func summaryNamesThreads() throws {
    #expect(try CPUExecutor(threadCount: 1).summary.hasSuffix(", 1 thread"))
    #expect(try CPUExecutor(threadCount: 2).summary.hasSuffix(", 2 threads"))
  }

  // MARK: Errors

  /// w += x, given back.
  private func accumulator(_ type: TensorType = TensorType(.f32, [2])) throws -> Graph {
    var builder = GraphBuilder(name: "accumulator")
    let x = builder.parameter("x", .input, type)
    let w = builder.parameter("w", .weight, type)
    let sum = try builder.add(w, x)
    builder.output("sum", sum)
    builder.update(w, with: sum)
    return builder.graph
  }

  @Test func refusesWrongInputsAndLeavesWeightsAlone() throws {
    let executor = try CPUExecutor(threadCount: 1)
    let executable = try executor.compile(try accumulator())
    let expected = TensorType(.f32, [2])
    #expect(throws: ExecutionError.missingInput("x")) { try executable.run([:]) }
    for found in [TensorType(.f32, [3]), TensorType(.f32, [1, 2]), TensorType(.i32, [2])] {
      #expect(throws: ExecutionError.wrongType(name: "x", expected: expected, found: found)) {
        try executable.run(["x": Tensor(found, repeating: 1)])
      }
    }
    #expect(try executor.fetch(["w"])["w"] == Tensor([2], [0, 0]))
    #expect(try executable.run(["x": Tensor([2], [1, 2])])["sum"] == Tensor([2], [1, 2]))
  }

  @Test func refusesWeightsOfAnotherType() throws {
    let executor = try CPUExecutor(threadCount: 1)
    _ = try executor.compile(try accumulator())
    let (held, other) = (TensorType(.f32, [2]), TensorType(.f32, [3]))
    let error = ExecutionError.wrongType(name: "w", expected: held, found: other)
    #expect(throws: error) { try executor.load(["w": Tensor(other, repeating: 0)]) }
    #expect(throws: error) { try executor.compile(try accumulator(other)) }
    #expect(throws: ExecutionError.unknownTensor("v")) { try executor.fetch(["v"]) }
  }

  @Test func weightsStartAtZeroOrAsLoaded() throws {
    let executor = try CPUExecutor(threadCount: 1)
    let executable = try executor.compile(try accumulator())
    #expect(try executor.fetch(["w"]) == ["w": Tensor([2], [0, 0])])
    try executor.load(["w": Tensor([2], [5, 6])])
    #expect(try executable.run(["x": Tensor([2], [1, 1])]) == ["sum": Tensor([2], [6, 7])])
    #expect(try executor.fetch(["w"]) == ["w": Tensor([2], [6, 7])])
  }
}

extension CaseRun {
  /// Every element's bits, run by run: NaN equals itself.
  var bits: [[String: [UInt32]]] {
    zip(outputs, persistent).map { outputs, persistent in
      outputs.merging(persistent.map { ("parameter " + $0.key, $0.value) }) { $1 }
        .mapValues { $0.elements.map(\.bitPattern) }
    }
  }
}
