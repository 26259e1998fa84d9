import CPUBackend
import GraphCases
import SeededRandom
import TensorGraph
import Testing

/// Executables of one executor work in one arena.
@Suite(.serialized) struct ArenaTests {
  private static let channels = 16

  /// Two convolutions with a residual: weights that are transformed once, and values that live during a run.
  private func prediction(_ extents: [Int]) throws -> Graph {
    var builder = GraphBuilder(name: "prediction")
    let x = builder.parameter("x", .input, TensorType(.f32, Shape([1] + extents + [Self.channels])))
    let window = ConvolutionWindow(Array(repeating: WindowAxis(before: 1, after: 1), count: 3))
    let weights = ["w1", "w2"].map { builder.parameter($0, .weight, weightType) }
    let y = try builder.relu(try builder.convolution(x, weights[0], window))
    builder.output("y", try builder.add(try builder.convolution(y, weights[1], window), x))
    builder.output("sum", try builder.reduceSum(weights[0], axes: [0, 1, 2, 3]))
    return builder.graph
  }

  /// A step that changes the weights, with its input's mean square as output.
  private func step(_ extents: [Int]) throws -> Graph {
    var builder = GraphBuilder(name: "step")
    let x = builder.parameter("x", .input, TensorType(.f32, Shape([1] + extents + [Self.channels])))
    let w = builder.parameter("w1", .weight, weightType)
    let window = ConvolutionWindow(Array(repeating: WindowAxis(before: 1, after: 1), count: 3))
    let y = try builder.convolution(x, w, window)
    let dw = try builder.apply(.convolutionFilterGradient(window, filterShape: weightType.shape), x, y)
    builder.output("y", y)
    builder.update(w, with: try builder.subtract(w, try builder.multiply(dw, builder.constant(1e-5))))
    return builder.graph
  }

  private var weightType: TensorType { TensorType(.f32, [3, 3, 3, Self.channels, Self.channels]) }

  private func random(_ type: TensorType, seed: UInt64) -> Tensor {
    var generator = SplitMix64(seed: seed)
    return Tensor(type, (0..<type.shape.elementCount).map { _ in Float(generator.nextUnit() - 0.5) })
  }

  private func input(_ graph: Graph) -> [String: Tensor] {
    let x = graph.parameters.first { $0.name == "x" }!
    return ["x": random(graph.type(of: x.value), seed: 7)]
  }

  private func executor() throws -> CPUExecutor {
    let executor = try CPUExecutor(threadCount: 2, convolutions: .always(.winograd(4, 4, 4)))
    try executor.load(["w1": random(weightType, seed: 1), "w2": random(weightType, seed: 2)])
    return executor
  }

  private static let shapes = [
    [8, 8, 8], [24, 20, 16], [4, 12, 8], [16, 16, 20], [24, 24, 24], [8, 20, 4],
  ]

  @Test func arenaIsThatOfTheLargest() throws {
    let graphs = try Self.shapes.map(prediction)
    let shared = try executor()
    let executables = try graphs.map(shared.compileForCPU)
    let needed = executables.map(\.arenaByteCount)
    for (executable, graph) in zip(executables, graphs) {
      #expect(executable.constantByteCount > 0)
      let found = try executable.run(input(graph))
      #expect(shared.arenaByteCount == needed.max())
      let alone = try executor()
      let expected = try alone.compile(graph).run(input(graph))
      let isBitEqual = found == expected
      #expect(isBitEqual, "\(graph.type(of: graph.parameters[0].value))")
      #expect(alone.arenaByteCount == executable.arenaByteCount)
    }
  }

  /// The arena moves when a larger executable comes; those before it go on, with what their weights gave.
  @Test func executablesFollowTheArena() throws {
    let (small, large) = (try prediction([8, 8, 8]), try prediction([20, 20, 20]))
    let executor = try executor()
    let first = try executor.compileForCPU(small)
    let expected = try first.run(input(small))
    let byteCount = executor.arenaByteCount
    _ = try executor.compile(large).run(input(large))
    #expect(executor.arenaByteCount > byteCount)
    let isBitEqual = try first.run(input(small)) == expected
    #expect(isBitEqual)
  }

  @Test func arenaShrinksWhenTheLargestIsGone() throws {
    let executor = try executor()
    let small = try prediction([8, 8, 8])
    let kept = try executor.compileForCPU(small)
    do {
      let large = try prediction([24, 24, 24])
      _ = try executor.compile(large).run(input(large))
    }
    #expect(executor.arenaByteCount > 2 * kept.arenaByteCount)
    _ = try kept.run(input(small))
    #expect(executor.arenaByteCount == kept.arenaByteCount)
  }

  /// A train step and a prediction in turns, as in training with validation.
  @Test func interleavedRunsDoNotDisturbEachOther() throws {
    let (step, prediction) = (try step([12, 12, 12]), try prediction([16, 8, 8]))
    let shared = try executor()
    let (train, predict) = (try shared.compile(step), try shared.compile(prediction))
    let (alone, other) = (try executor(), try executor())
    let (trainAlone, predictAlone) = (try alone.compile(step), try other.compile(prediction))
    for _ in 0..<3 {
      let found = [try train.run(input(step)), try predict.run(input(prediction))]
      let trained = try trainAlone.run(input(step))
      try other.load(try alone.fetch(["w1"]))
      let isBitEqual = try found == [trained, predictAlone.run(input(prediction))]
      #expect(isBitEqual)
    }
  }

  // MARK: What others left behind

  /// Fills the arena with numbers that are none.
  private func poison(_ executor: CPUExecutor) throws -> any Executable {
    var builder = GraphBuilder(name: "poison")
    let type = TensorType(.f32, [1 << 20])
    let x = builder.parameter("poison", .input, type)
    builder.output("y", try builder.add(x, x))
    let executable = try executor.compileForCPU(builder.graph)
    _ = try executable.run(["poison": Tensor(type, repeating: .nan)])
    return executable
  }

  /// No graph reads what it did not write.
  @Test(arguments: possibleCases)
  func staleBytesDoNotMatter(_ graphCase: GraphCase) throws {
    for algorithm in graphCase.hasConvolution ? ConvolutionAlgorithm.all : [.direct] {
      let expected = try CaseRun(
        graphCase, on: try CPUExecutor(threadCount: 2, convolutions: .always(algorithm)))
      let executor = try CPUExecutor(threadCount: 2, convolutions: .always(algorithm))
      let poison = try poison(executor)
      let found = try withExtendedLifetime(poison) { try CaseRun(graphCase, on: executor) }
      let isBitEqual = found.bits == expected.bits
      #expect(isBitEqual, "\(algorithm)")
    }
  }
}
