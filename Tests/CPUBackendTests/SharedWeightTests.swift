import CPUBackend
import GraphCases
import TensorGraph
import Testing

/// Two graphs of one executor work on the same weights, whatever layout each wants them in.
@Suite(.serialized) struct SharedWeightTests {
  private let weightType = TensorType(.f32, [3, 3, 3, 16, 32])
  private let window = ConvolutionWindow(Array(repeating: WindowAxis(before: 1, after: 1), count: 3))

  /// Descends along the weights of a convolution, which keeps them in its own layout.
  private func trainStep() throws -> Graph {
    var builder = GraphBuilder(name: "train step")
    let x = builder.parameter("x", .input, TensorType(.f32, [1, 4, 4, 4, 16]))
    let w = builder.parameter("w", .weight, weightType)
    let velocity = builder.parameter("velocity", .state, weightType)
    let y = try builder.convolution(x, w, window)
    let loss = try builder.reduceSum(try builder.multiply(y, y))
    let gradient = try builder.gradients(of: loss, withRespectTo: [w])[0]
    let rule = OptimizerRule.sgd(momentum: 0.9, nesterov: false)
    let results = try builder.apply(
      .optimizerUpdate(rule), [w, gradient, builder.constant(1e-4), builder.constant(1), velocity])
    builder.update(w, with: results[0])
    builder.update(velocity, with: results[1])
    builder.output("loss", loss)
    return builder.graph
  }

  /// Reads the weights, row-major; halves them.
  private func reader() throws -> Graph {
    var builder = GraphBuilder(name: "reader")
    let w = builder.parameter("w", .weight, weightType)
    builder.output("sums", try builder.reduceSum(w, axes: [0, 1, 2]))
    builder.output("transposed", try builder.transpose(w, [4, 3, 0, 1, 2]))
    builder.update(w, with: try builder.multiply(w, builder.constant(0.5)))
    return builder.graph
  }

  private func weights() -> Tensor {
    let count = weightType.shape.elementCount
    return Tensor(weightType, (0..<count).map { Float($0 * 7919 % 1009) / 1009 - 0.5 })
  }

  private func input() -> Tensor {
    Tensor([1, 4, 4, 4, 16], (0..<1024).map { Float($0 * 31 % 97) / 97 - 0.5 })
  }

  /// The outputs and the weights of train step, reader, train step, a load, reader, train step.
  private func run(on executor: any Executor) throws -> [[String: Tensor]] {
    let train = try executor.compile(try trainStep())
    let reader = try executor.compile(try reader())
    try executor.load(["w": weights()])
    var results: [[String: Tensor]] = []
    func step(_ executable: any Executable) throws {
      results.append(try executable.run(["x": input()]))
      results.append(try executor.fetch(["w", "velocity"]))
    }
    for executable in [train, reader, train] { try step(executable) }
    try executor.load(["velocity": Tensor(weightType, repeating: 0.001), "w": weights()])
    for executable in [reader, train, train] { try step(executable) }
    return results
  }

  @Test func graphsOfDifferentLayoutsSeeEachOthersUpdates() throws {
    let expected = try run(on: Interpreter())
    let found = try run(on: try CPUExecutor(threadCount: 2))
    #expect(found.count == expected.count)
    for (found, expected) in zip(found, expected) {
      #expect(found.keys.sorted() == expected.keys.sorted())
      for (name, tensor) in found {
        #expect(tensor.difference(from: try #require(expected[name]), tolerance: 1e-4) == nil, "\(name)")
      }
    }
  }

  /// What makes the test above one of two layouts.
  @Test func optimiserWorksInTheConvolutionsLayout() throws {
    let plan = try CPUExecutor(threadCount: 1).compileForCPU(try trainStep()).plan
    let update = try #require(plan.steps.first { $0.name == "optimizer_update" })
    let convolution = try #require(plan.steps.first { $0.name == "convolution" })
    #expect(!Set(update.writes).isDisjoint(with: convolution.reads))
    #expect(update.detail.contains("blocked"))
  }

  @Test func executorsDoNotShare() throws {
    let first = try CPUExecutor(threadCount: 1)
    let second = try CPUExecutor(threadCount: 1)
    let executable = try first.compile(try reader())
    _ = try second.compile(try reader())
    try first.load(["w": weights()])
    _ = try executable.run([:])
    #expect(try second.fetch(["w"])["w"] == Tensor(weightType, repeating: 0))
  }
}
