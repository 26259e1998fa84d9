import TensorGraph
import Testing
import Training

@Suite struct OptimizerTests {
  @Test func slotsOfEachKind() {
    #expect(Optimizer.rmsprop().rule.slots.map(\.name) == ["mean_square", "mean_gradient"])
    #expect(Optimizer.rmsprop(momentum: 0.9).rule.slots.count == 3)
    #expect(Optimizer.sgd().rule.slots.isEmpty)
    #expect(Optimizer.sgd(momentum: 0.9).rule == .sgd(momentum: 0.9, nesterov: true))
    #expect(Optimizer.adam.rule.slots.map(\.name) == ["first_moment", "second_moment"])
  }

  /// What another optimiser has not cannot be set, and comes back at its default.
  @Test func partsOfEachOptimizer() {
    #expect(OptimizerName.allCases.map { Optimizer($0).name } == OptimizerName.allCases)
    #expect(Optimizer.adam.momentum == nil && Optimizer.sgd(momentum: 0.5).weightDecay == nil)
    var optimizer = Optimizer.sgd(momentum: 0.5)
    optimizer.name = .rmsprop
    #expect(optimizer == .rmsprop(momentum: 0.5))
    optimizer.name = .adamw
    optimizer.weightDecay = 0.25
    #expect(optimizer == .adamw(weightDecay: 0.25))
    optimizer.name = .sgd
    #expect(optimizer == .sgd())
  }

  @Test func meanSquareStartsAtOne() {
    let tensors = Optimizer.rmsprop().initialTensors(weights: [("w", TensorType(.f32, [2]))])
    #expect(tensors["optimizer/w/mean_square"] == Tensor([2], [1, 1]))
    #expect(tensors["optimizer/w/mean_gradient"] == Tensor([2], [0, 0]))
    #expect(tensors.count == 2)
  }

  @Test func adamKeepsThePowersOfBeta() {
    let tensors = Optimizer.adam.initialTensors(weights: [])
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
      optimizer: .rmsprop(), clipNorm: 1, learningRate: rate)
    #expect(builder.graph.updates.count == 3)
    #expect(builder.graph.outputs.map(\.name) == ["gradient_norm"])
  }

  @Test func learningRateSchedules() {
    #expect(LearningRateSchedule.constant.rate(base: 0.5, step: 7, stepsPerEpoch: 1, epochs: 10) == 0.5)
    #expect(LearningRateSchedule.polynomial.rate(base: 0.5, step: 0, stepsPerEpoch: 1, epochs: 10) == 0.5)
    let half = LearningRateSchedule.polynomial.rate(base: 1, step: 10, stepsPerEpoch: 2, epochs: 10)
    #expect(abs(half - 0.535_886_731) < 1e-8)  // 0.5^0.9
  }

  @Test func theCosineFallsStepByStepToZero() {
    func rate(_ step: Int) -> Double {
      LearningRateSchedule.cosine.rate(base: 2, step: step, stepsPerEpoch: 10, epochs: 12, warmUpSteps: 20)
    }
    #expect(rate(0) == 0.1 && rate(9) == 1 && rate(19) == 2)
    #expect(rate(20) == 2)
    #expect(abs(rate(70) - 1) < 1e-12)
    #expect(rate(71) < rate(70))
    #expect(rate(119) > 0 && rate(119) < 1e-3)
  }

  @Test func warmUpMultipliesEverySchedule() {
    let rate = LearningRateSchedule.constant.rate(
      base: 1, step: 1, stepsPerEpoch: 1, epochs: 10, warmUpSteps: 4)
    #expect(rate == 0.5)
  }
}
