import TensorGraph
import Testing
import Training

@Suite struct OptimizerTests {
  @Test func slotsOfEachKind() {
    #expect(Optimizer(kind: .rmsprop).rule.slots.map(\.name) == ["mean_square", "mean_gradient"])
    #expect(Optimizer(kind: .rmsprop, momentum: 0.9).rule.slots.count == 3)
    #expect(Optimizer(kind: .sgd).rule.slots.isEmpty)
    #expect(Optimizer(kind: .sgd, momentum: 0.9).rule == .sgd(momentum: 0.9, nesterov: true))
    #expect(Optimizer(kind: .adam).rule.slots.map(\.name) == ["first_moment", "second_moment"])
  }

  @Test func meanSquareStartsAtOne() {
    let tensors = Optimizer(kind: .rmsprop).initialTensors(weights: [("w", TensorType(.f32, [2]))])
    #expect(tensors["optimizer/w/mean_square"] == Tensor([2], [1, 1]))
    #expect(tensors["optimizer/w/mean_gradient"] == Tensor([2], [0, 0]))
    #expect(tensors.count == 2)
  }

  @Test func adamKeepsThePowersOfBeta() {
    let tensors = Optimizer(kind: .adam).initialTensors(weights: [])
    #expect(tensors["optimizer/beta1_power"] == Tensor(scalar: 0.9))
    #expect(tensors["optimizer/beta2_power"] == Tensor(scalar: 0.999))
  }

  @Test func updatesCoverEveryWeightAndSlot() throws {
    var builder = GraphBuilder(name: "step")
    let w = builder.parameter("w", .weight, TensorType(.f32, [3]))
    let rate = builder.parameter("learning_rate", .input, TensorType(.f32, .scalar))
    let loss = try builder.reduceSum(try builder.multiply(w, w))
    try builder.trainingUpdates(
      loss: loss, weights: [NamedWeight(name: "w", value: w)],
      optimizer: Optimizer(kind: .rmsprop, clipNorm: 1), learningRate: rate)
    #expect(builder.graph.updates.count == 3)
    #expect(builder.graph.outputs.map(\.name) == ["gradient_norm"])
  }

  @Test func learningRateSchedules() {
    #expect(LearningRateSchedule.constant.rate(base: 0.5, epoch: 7, epochs: 10) == 0.5)
    #expect(LearningRateSchedule.polynomial.rate(base: 0.5, epoch: 0, epochs: 10) == 0.5)
    let half = LearningRateSchedule.polynomial.rate(base: 1, epoch: 5, epochs: 10)
    #expect(abs(half - 0.535_886_731) < 1e-8)  // 0.5^0.9
  }
}
