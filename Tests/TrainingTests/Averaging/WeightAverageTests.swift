import TensorGraph
import Testing
import Training

/// Averages against sums done by hand, on the reference interpreter.
@Suite struct WeightAverageTests {
  /// Descends along a slope of 1 at a rate of 1: the weight goes 5, 4, 3, ...
  private func averages(_ decay: Double, steps: Int) throws -> [Float] {
    let type = TensorType(.f32, [1])
    var builder = GraphBuilder(name: "step")
    let weight = builder.parameter("w", .weight, type)
    let rate = builder.parameter("learning_rate", .input, TensorType(.f32, .scalar))
    let weights = [NamedWeight(name: "w", value: weight)]
    try builder.trainingUpdates(
      loss: try builder.reduceSum(weight), weights: weights, optimizer: .sgd(),
      learningRate: rate)
    let average = WeightAverage(decay: decay)
    try builder.averagingUpdates(average, of: weights)
    let start = ["w": Tensor([1], [5])]
    let interpreter = Interpreter(start.merging(average.initialTensors(start)) { $1 })
    let step = try interpreter.compile(builder.graph)
    return try (0..<steps).map { _ in
      _ = try step.run(["learning_rate": Tensor(scalar: 1)])
      return try interpreter.fetch(["average/w"])["average/w"]!.elements[0]
    }
  }

  /// Decays 1/10, then 2/11: 0.1 * 5 + 0.9 * 4 = 4.1; (2 * 4.1 + 9 * 3) / 11 = 3.2.
  @Test func theDecayGrowsWithTheSteps() throws {
    let found = try averages(0.999, steps: 2)
    for (found, wanted) in zip(found, [4.1, 3.2] as [Float]) { #expect(abs(found - wanted) < 1e-6) }
  }

  /// Decay 0.05 from the start: 0.05 * 5 + 0.95 * 4 = 4.05.
  @Test func theDecayHasABound() throws {
    #expect(abs(try averages(0.05, steps: 1)[0] - 4.05) < 1e-6)
  }

  @Test func graphsReadAveragesByName() {
    var builder = GraphBuilder(name: "prediction")
    let type = TensorType(.f32, [1])
    _ = builder.parameter("w", .weight, type)
    _ = builder.parameter("image", .input, type)
    #expect(builder.graph.readingAverages().parameters.map(\.name) == ["average/w", "image"])
  }
}
