import CPUBackend
import TensorGraph
import Testing
import Training

/// A train step on the interpreter, or another executor: the loss w * x, whose gradient x the test chooses.
@Suite struct LossScaleTests {
  private final class Step {
    let executor: any Executor
    let executable: any Executable
    let names: [String]

    init(
      _ optimizer: Optimizer, clipNorm: Double? = nil, lossScale: LossScale = .dynamic,
      scale: Float = 32_768, goodSteps: Float = 0,
      on executor: any Executor = Interpreter()
    ) throws {
      var builder = GraphBuilder(name: "step")
      let w = builder.parameter("w", .weight, TensorType(.f32, [1]))
      let moving = builder.parameter("moving", .state, TensorType(.f32, [1]))
      let x = builder.parameter("x", .input, TensorType(.f32, [1]))
      let rate = builder.parameter("learning_rate", .input, TensorType(.f32, .scalar))
      builder.update(moving, with: try builder.add(moving, x))
      try builder.trainingUpdates(
        loss: try builder.reduceSum(try builder.multiply(w, x)), weights: [NamedWeight(name: "w", value: w)],
        optimizer: optimizer, clipNorm: clipNorm, lossScale: lossScale, learningRate: rate)
      var start = optimizer.initialTensors(weights: [("w", TensorType(.f32, [1]))])
      start["w"] = Tensor([1], [1])
      start["moving"] = Tensor([1], [0])
      if lossScale == .dynamic {
        start["loss_scale/scale"] = Tensor(scalar: scale)
        start["loss_scale/good_steps"] = Tensor(scalar: goodSteps)
      }
      names = start.keys.sorted()
      self.executor = executor
      try executor.load(start)
      executable = try executor.compile(builder.graph)
    }

    func run(_ x: Float) throws -> [String: Tensor] {
      try executable.run(["x": Tensor([1], [x]), "learning_rate": Tensor(scalar: 0.5)])
    }

    func state() throws -> [String: Float] {
      try executor.fetch(names).mapValues { $0.elements[0] }
    }
  }

  @Test func startsAsTensorFlowDoes() {
    let start = LossScale.dynamic.initialTensors
    #expect(start["loss_scale/scale"] == Tensor(scalar: 32_768))
    #expect(start["loss_scale/good_steps"] == Tensor(scalar: 0))
  }

  @Test(arguments: [LossScale.none, .fixed(1024), .dynamic])
  func theUpdateDoesNotDependOnTheScale(_ lossScale: LossScale) throws {
    let step = try Step(.sgd(), lossScale: lossScale)
    let outputs = try step.run(0.25)
    #expect(try step.state()["w"] == 1 - 0.5 * 0.25)
    #expect(outputs["gradient_norm"] == Tensor(scalar: 0.25))
  }

  @Test func clippingSeesTheUnscaledNorm() throws {
    let step = try Step(.sgd(), clipNorm: 0.125)
    _ = try step.run(0.25)
    #expect(try step.state()["w"] == 1 - 0.5 * 0.125)
  }

  @Test(
    arguments: [.sgd(momentum: 0.9), .rmsprop(momentum: 0.9), .adam, .adamw(weightDecay: 0.1)] as [Optimizer],
    [Float.infinity, .nan])
  func anInfinityIsSkippedAndHalvesTheScale(_ optimizer: Optimizer, _ gradient: Float) throws {
    try expectOneSkip(try Step(optimizer, goodSteps: 7), gradient)
    try expectOneSkip(try Step(optimizer, goodSteps: 7, on: try CPUExecutor(threadCount: 1)), gradient)
  }

  private func expectOneSkip(_ step: Step, _ gradient: Float) throws {
    _ = try step.run(0.25)
    var before = try step.state()
    #expect(before["loss_scale/good_steps"] == 8)
    let outputs = try step.run(gradient)
    #expect(!outputs["gradient_norm"]!.elements[0].isFinite)
    before["loss_scale/scale"] = 16_384
    before["loss_scale/good_steps"] = 0
    #expect(try step.state() == before)
    _ = try step.run(0.25)
    let after = try step.state()
    #expect(after["w"] != before["w"] && after["loss_scale/scale"] == 16_384)
    #expect(after["loss_scale/good_steps"] == 1 && after["moving"] == 0.5)
  }

  @Test func doublesAfterTwoThousandFiniteSteps() throws {
    let step = try Step(.sgd(), goodSteps: 1998)
    _ = try step.run(0.25)
    #expect(try step.state()["loss_scale/scale"] == 32_768)
    _ = try step.run(0.25)
    #expect(try step.state()["loss_scale/scale"] == 65_536)
    #expect(try step.state()["loss_scale/good_steps"] == 0)
  }

  @Test func doesNotFallBelowOne() throws {
    let step = try Step(.sgd(), scale: 1)
    _ = try step.run(.infinity)
    #expect(try step.state()["loss_scale/scale"] == 1)
  }
}
