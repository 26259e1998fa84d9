import TensorGraph
import Testing
import Training

/// Steps of the optimisers against sums done by hand, on the reference interpreter.
@Suite struct UpdateTests {
  /// Runs steps on the loss sum(a * w) + sum(b * v), whose gradients are a and b whatever the weights.
  private struct Run {
    let interpreter: Interpreter
    let step: any Executable

    init(_ optimizer: Optimizer, clipNorm: Double? = nil, w: [Float], v: [Float] = [0]) throws {
      var builder = GraphBuilder(name: "step")
      let types = [TensorType(.f32, [w.count]), TensorType(.f32, [v.count])]
      let weights = [builder.parameter("w", .weight, types[0]), builder.parameter("v", .weight, types[1])]
      let slopes = [builder.parameter("a", .input, types[0]), builder.parameter("b", .input, types[1])]
      let rate = builder.parameter("learning_rate", .input, TensorType(.f32, .scalar))
      let terms = [
        try builder.reduceSum(try builder.multiply(weights[0], slopes[0])),
        try builder.reduceSum(try builder.multiply(weights[1], slopes[1])),
      ]
      try builder.trainingUpdates(
        loss: try builder.add(terms[0], terms[1]),
        weights: [NamedWeight(name: "w", value: weights[0]), NamedWeight(name: "v", value: weights[1])],
        optimizer: optimizer, clipNorm: clipNorm, learningRate: rate)
      var tensors = optimizer.initialTensors(weights: [("w", types[0]), ("v", types[1])])
      tensors["w"] = Tensor([w.count], w)
      tensors["v"] = Tensor([v.count], v)
      interpreter = Interpreter(tensors)
      step = try interpreter.compile(builder.graph)
    }

    /// One step; returns the norm.
    @discardableResult
    func callAsFunction(_ a: [Float], _ b: [Float] = [0], rate: Float) throws -> Float {
      try step.run([
        "a": Tensor([a.count], a), "b": Tensor([b.count], b), "learning_rate": Tensor(scalar: rate),
      ])["gradient_norm"]!.elements[0]
    }

    func fetch(_ name: String) throws -> [Float] { try interpreter.fetch([name])[name]!.elements }
  }

  private func expectClose(
    _ found: [Float], _ expected: [Float], within tolerance: Float = 1e-6,
    _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(found.count == expected.count, sourceLocation: location)
    for (found, expected) in zip(found, expected) {
      #expect(abs(found - expected) < tolerance, "\(found), not \(expected)", sourceLocation: location)
    }
  }

  /// Step 1, g = 2: ms = 0.9 + 0.4 = 1.3, mg = 0.2, step 0.1 * 2 / sqrt(1.26) = 0.178174.
  /// Step 2, g = -1: ms = 1.27, mg = 0.08, step 0.1 * -1 / sqrt(1.2636) = -0.088960.
  @Test func rmspropIsCentredAndItsMeanSquareStartsAtOne() throws {
    let run = try Run(.rmsprop(), w: [1])
    try run([2], rate: 0.1)
    expectClose(try run.fetch("w"), [1 - 0.178_174_16])
    expectClose(try run.fetch("optimizer/w/mean_square"), [1.3])
    expectClose(try run.fetch("optimizer/w/mean_gradient"), [0.2])
    try run([-1], rate: 0.1)
    expectClose(try run.fetch("w"), [1 - 0.178_174_16 + 0.088_960_09])
  }

  /// The same steps gathered: 0.178174, then 0.5 * 0.178174 - 0.088960.
  @Test func rmspropGathersMomentum() throws {
    let run = try Run(.rmsprop(momentum: 0.5), w: [1])
    try run([2], rate: 0.1)
    try run([-1], rate: 0.1)
    let last: Float = 0.5 * 0.178_174_16 - 0.088_960_09
    expectClose(try run.fetch("w"), [1 - 0.178_174_16 - last])
    expectClose(try run.fetch("optimizer/w/momentum"), [last])
  }

  /// Without bias correction the first step would be 0.1 * 0.2 / sqrt(0.004) = 0.316; with it, it is the rate.
  /// Step 2, g = -1: m = 0.08, v = 0.004996, rate * sqrt(1 - 0.999^2) / (1 - 0.9^2) = 0.0235317.
  /// In float32, 1 - 0.999 is known to five digits only.
  @Test func adamCorrectsItsBias() throws {
    let run = try Run(.adam, w: [1])
    try run([2], rate: 0.1)
    expectClose(try run.fetch("w"), [0.9], within: 5e-6)
    try run([-1], rate: 0.1)
    expectClose(try run.fetch("w"), [0.9 - 0.026_633_67], within: 5e-6)
    expectClose(try run.fetch("optimizer/beta1_power"), [0.729])
  }

  /// The decay of 0.1 * 0.5 comes off the weight itself; the first step of Adam is the rate. Step 2 starts from 0.85.
  @Test func adamwDecaysTheWeightBesideAdam() throws {
    let run = try Run(.adamw(weightDecay: 0.5), w: [1])
    try run([2], rate: 0.1)
    expectClose(try run.fetch("w"), [0.95 - 0.1], within: 5e-6)
    expectClose(try run.fetch("optimizer/w/first_moment"), [0.2])
    try run([-1], rate: 0.1)
    expectClose(try run.fetch("w"), [0.85 * 0.95 - 0.026_633_67], within: 5e-6)
  }

  /// Velocity 2, then 0.9 * 2 - 1 = 0.8; steps 2 + 0.9 * 2 = 3.8 and -1 + 0.9 * 0.8 = -0.28.
  @Test func sgdLooksAheadAsNesterov() throws {
    let run = try Run(.sgd(momentum: 0.9), w: [1])
    try run([2], rate: 0.1)
    expectClose(try run.fetch("w"), [0.62])
    try run([-1], rate: 0.1)
    expectClose(try run.fetch("w"), [0.648])
  }

  // MARK: Clipping

  /// The norm spans all weights: sqrt(2^2 + 3^2 + 6^2) = 7.
  @Test func clippingScalesAllGradientsByOneGlobalNorm() throws {
    let run = try Run(.sgd(), clipNorm: 3.5, w: [0, 0], v: [0])
    #expect(try run([2, 3], [6], rate: 1) == 7)
    expectClose(try run.fetch("w"), [-1, -1.5])
    expectClose(try run.fetch("v"), [-3])
  }

  @Test(arguments: [nil, 7, 100] as [Double?])
  func gradientsWithinTheBoundAreLeft(_ clipNorm: Double?) throws {
    let run = try Run(.sgd(), clipNorm: clipNorm, w: [0, 0], v: [0])
    #expect(try run([2, 3], [6], rate: 1) == 7)
    expectClose(try run.fetch("w"), [-2, -3])
    expectClose(try run.fetch("v"), [-6])
  }

  @Test func zeroGradientsAreClippedToZero() throws {
    let run = try Run(.sgd(), clipNorm: 1, w: [5])
    #expect(try run([0], rate: 1) == 0)
    #expect(try run.fetch("w") == [5])
  }

  /// The slots see the clipped gradient.
  @Test func rmspropAveragesTheClippedGradient() throws {
    let run = try Run(.rmsprop(), clipNorm: 1, w: [1])
    try run([4], rate: 0.1)
    expectClose(try run.fetch("optimizer/w/mean_gradient"), [0.1])
    expectClose(try run.fetch("optimizer/w/mean_square"), [1])
  }
}
