import CPUBackend
import GraphCases
import TensorGraph
import Testing

/// What the compiler makes of a graph: fusions, reorders, and places in memory.
@Suite(.serialized) struct PlanTests {
  private func compile(_ graph: Graph) throws -> CPUExecutable {
    try CPUExecutor(threadCount: 2).compileForCPU(graph)
  }

  private func stepNames(_ caseName: String) throws -> [String] {
    let graphCase = try #require(allGraphCases.first { $0.name == caseName })
    return try compile(graphCase.graph).plan.steps.map(\.name)
  }

  // MARK: Bounds

  /// What a loop could share out is between all of it and nothing; one thread has work all the time.
  @Test func stepsTellHowFarThreadsCouldShareThem() throws {
    let graphCase = try #require(
      allGraphCases.first { $0.name == "fusion/batch norm and relu, 16 channels" })
    for threadCount in [1, 8] {
      let executor = try CPUExecutor(threadCount: threadCount, convolutions: .recorded)
      try executor.load(graphCase.state)
      let executable = try executor.compileForCPU(graphCase.graph)
      let bounds = try executable.stepBounds(graphCase.inputs)
      #expect(bounds.map(\.name) == executable.plan.steps.dropFirst(executable.plan.onceCount).map(\.name))
      for bound in bounds {
        #expect(bound.share <= 1 + 1e-9 && bound.share >= 1 / Double(threadCount) - 1e-9, "\(bound)")
      }
      let whole = StepBound.share(bounds)
      #expect(threadCount == 1 ? abs(whole - 1) < 1e-9 : whole < 1)
    }
  }

  // MARK: Fusions

  @Test(arguments: [
    ("convolution 16 to 32 and bias", ["convolution + bias", "channel sum"]),
    ("bias on a value used twice", ["convolution"]),
    ("bias that is computed", ["convolution"]),
    ("batch norm and relu, 16 channels", ["batch norm + relu", "batch_norm_gradient + relu"]),
    ("relu whose input is used elsewhere", ["batch norm", "relu", "relu_gradient", "batch_norm_gradient"]),
    ("relu whose result is used twice", ["batch norm + relu", "batch_norm_gradient + relu"]),
    ("relu of the batch's variance", ["batch norm", "relu"]),
    ("relu gradient that is also a result", ["batch norm + relu", "relu_gradient", "batch_norm_gradient"]),
    ("one channel added to 16", ["add broadcast"]),
    ("one channel added to a scalar", ["broadcast", "add"]),
    ("sum of squares", ["sum of squares"]),
  ])
  func fuses(_ caseName: String, _ expected: [String]) throws {
    let names = try stepNames("fusion/" + caseName)
    let missing = expected.filter { !names.contains($0) }
    #expect(missing.isEmpty, "\(names)")
  }

  @Test(arguments: [
    ("convolution 16 to 32 and bias", ["convolution", "bias_add", "reduce_sum"]),
    ("bias on a value used twice", ["convolution + bias"]),
    ("bias that is computed", ["convolution + bias"]),
    ("batch norm and relu, 16 channels", ["batch norm", "relu", "relu_gradient", "batch_norm_gradient"]),
    ("relu whose input is used elsewhere", ["batch norm + relu", "batch_norm_gradient + relu"]),
    ("relu of the batch's variance", ["batch norm + relu"]),
    ("relu gradient that is also a result", ["batch_norm_gradient + relu"]),
  ])
  func leavesOut(_ caseName: String, _ unexpected: [String]) throws {
    let names = try stepNames("fusion/" + caseName)
    let found = unexpected.filter { names.contains($0) }
    #expect(found.isEmpty, "\(names)")
  }

  // MARK: Reorders

  @Test func convolutionBlockHoldsNoReorder() throws {
    let executable = try compile(try convolutionBlock())
    let names = executable.plan.steps.map(\.name)
    let first = try #require(names.firstIndex(of: "convolution + bias"))
    let last = try #require(names.lastIndex(of: "convolution"))
    #expect(names[first...last] == ["convolution + bias", "batch norm + relu", "convolution"])
    // The input comes row-major and the output leaves row-major.
    #expect(executable.reorderCount <= 2)
    #expect(executable.reorderCount == names.count { $0 == "reorder" })
    #expect(executable.planDescription.split(separator: "\n").count == names.count + 1)
  }

  /// Convolution, bias, batch norm, ReLU, convolution.
  private func convolutionBlock() throws -> Graph {
    var builder = GraphBuilder(name: "block")
    let x = builder.parameter("x", .input, TensorType(.f32, [1, 8, 8, 8, 16]))
    let window = ConvolutionWindow(Array(repeating: WindowAxis(before: 1, after: 1), count: 3))
    let w1 = builder.parameter("w1", .weight, TensorType(.f32, [3, 3, 3, 16, 16]))
    let w2 = builder.parameter("w2", .weight, TensorType(.f32, [3, 3, 3, 16, 32]))
    let channels = ["b", "scale", "offset"].map { builder.parameter($0, .weight, TensorType(.f32, [16])) }
    let y = try builder.biasAdd(try builder.convolution(x, w1, window), channels[0])
    let norm = try builder.batchNormTraining(y, scale: channels[1], offset: channels[2], epsilon: 1e-3)
    builder.output("y", try builder.convolution(try builder.relu(norm.y), w2, window))
    return builder.graph
  }

  /// Activations and normalisations that the graph composes stay in the layout of the convolutions around them, forward
  /// and backward, in half precision, too.
  @Test(
    arguments: StatisticsShape.allCases, [nil, DType.bf16])
  func compositionsCostNoReorder(_ statistics: StatisticsShape, _ half: DType?) throws {
    var graph = try composedBlock(statistics)
    if let half { graph = try graph.mixedPrecision(half).graph }
    let executor = try CPUExecutor(threadCount: 2, convolutions: .always(.winograd(2, 2, 2)))
    let plan = try executor.compileForCPU(graph).plan
    let border = Set(plan.inputs.map(\.buffer) + plan.outputs.map(\.buffer))
    let inner = plan.steps.filter { step in
      ["reorder", "cast", "widen", "round"].contains(step.name)
        && !step.buffers.contains { border.contains($0) || isSmall($0, plan) }
    }
    #expect(inner.isEmpty, "\(plan.steps.map { "\($0.name) [\($0.detail)]" }.joined(separator: "\n"))")
    let apart = ["maximum", "select", "subtract", "divide", "greater_or_equal", "strided copy"]
    #expect(!plan.steps.contains { apart.contains($0.name) && !isSmall($0.writes[0], plan) })
    // Mean, variance, the rest, and as many on the way back for each layer; and the gradient of the loss.
    #expect(plan.steps.count { $0.name == "elementwise" } <= 13)
  }

  /// Less than any batch of the composed block.
  private func isSmall(_ buffer: BufferID, _ plan: Plan) -> Bool {
    plan.buffers[buffer.index].byteCount < 8192
  }

  /// Convolution, instance norm, leaky ReLU, twice, then a convolution; and the gradients of the sum of its squares.
  private func composedBlock(_ statistics: StatisticsShape) throws -> Graph {
    var builder = GraphBuilder(name: "composed block")
    let x = builder.parameter("x", .input, TensorType(.f32, [2, 8, 8, 8, 17]))
    let window = ConvolutionWindow(Array(repeating: WindowAxis(before: 1, after: 1), count: 3))
    var (y, weights) = (x, [Value]())
    for layer in 0..<2 {
      let w = builder.parameter("w\(layer)", .weight, TensorType(.f32, [3, 3, 3, 17, 17]))
      let channels = ["scale", "offset"].map { name in
        builder.parameter("\(name)\(layer)", .weight, TensorType(.f32, [17]))
      }
      y = try builder.composedInstanceNorm(
        try builder.convolution(y, w, window), scale: channels[0], offset: channels[1], statistics)
      y = try builder.composedLeakyReLU(y)
      weights += [w] + channels
    }
    let last = builder.parameter("last", .weight, TensorType(.f32, [3, 3, 3, 17, 17]))
    y = try builder.convolution(y, last, window)
    weights.append(last)
    let loss = try builder.reduceSum(try builder.multiply(y, y))
    for (index, gradient) in try builder.gradients(of: loss, withRespectTo: weights).enumerated() {
      builder.output("gradient \(index)", gradient)
    }
    return builder.graph
  }

  // MARK: Memory

  /// Buffers of the arena that hold something at the same time do not overlap, nor do constants; and no step reads what
  /// no step has written.
  @Test(arguments: possibleCases)
  func buffersDoNotOverlap(_ graphCase: GraphCase) throws {
    let plan = try compile(graphCase.graph).plan
    let lives = lives(of: plan)
    for (index, life) in lives.enumerated() {
      guard let life else { continue }
      let place = try #require(extent(of: index, in: plan))
      #expect(place.upperBound <= plan.arenaByteCount + plan.constantByteCount)
      for (other, otherLife) in lives.enumerated().dropFirst(index + 1) {
        guard let otherLife, life.overlaps(otherLife) else { continue }
        let otherPlace = try #require(extent(of: other, in: plan))
        #expect(!place.overlaps(otherPlace), "buffers \(index), \(other)\n\(plan.steps.map(\.name))")
      }
    }
    #expect(unwrittenReads(in: plan).isEmpty)
    #expect(readsOfGoneConstants(in: plan).isEmpty)
  }

  /// The bytes of a buffer, as if the constants followed the arena.
  private func extent(of index: Int, in plan: Plan) -> Range<Int>? {
    let start: Int? =
      switch plan.places[index] {
      case .arena(let offset): offset
      case .constants(let offset): plan.arenaByteCount + offset
      case nil: nil
      }
    return start.map { $0..<$0 + plan.buffers[index].byteCount }
  }

  /// What the first steps compute and a run reads must not lie in the arena, where other executables work between runs.
  private func readsOfGoneConstants(in plan: Plan) -> [Int] {
    func whole(_ buffer: BufferID) -> Int { (plan.buffers[buffer.index].part?.whole ?? buffer).index }
    let computed = Set(plan.steps.prefix(plan.onceCount).flatMap(\.writes).map(whole))
    let read = plan.steps.dropFirst(plan.onceCount).flatMap(\.reads) + plan.outputs.map(\.buffer)
    return computed.intersection(read.map(whole)).filter { index in
      if case .constants = plan.places[index] { return false }
      return true
    }
  }

  /// For each buffer of the arena the steps during which it is in use; nil for the others. Inputs are there when
  /// the steps begin that every run takes; what those read of the steps before them stays.
  private func lives(of plan: Plan) -> [ClosedRange<Int>?] {
    var touches: [[Int]] = Array(repeating: [], count: plan.buffers.count)
    for input in plan.inputs { touches[input.buffer.index].append(plan.onceCount - 1) }
    for (index, step) in plan.steps.enumerated() {
      for buffer in step.buffers { touches[buffer.index].append(index) }
    }
    for output in plan.outputs { touches[output.buffer.index].append(plan.steps.count) }
    let constants = Set(plan.steps.prefix(plan.onceCount).flatMap(\.writes))
    for step in plan.steps.dropFirst(plan.onceCount) {
      for buffer in constants.intersection(step.reads) { touches[buffer.index].append(plan.steps.count) }
    }
    return plan.buffers.indices.map { index in
      guard plan.buffers[index].parameter == nil, let first = touches[index].min() else { return nil }
      return first...touches[index].max()!
    }
  }

  /// The steps that read a buffer of the arena before anything is in it.
  private func unwrittenReads(in plan: Plan) -> [String] {
    var written = Set(plan.inputs.map(\.buffer))
    var names: [String] = []
    for step in plan.steps {
      let unwritten = step.reads.filter { plan.buffers[$0.index].parameter == nil && !written.contains($0) }
      // An optimiser reads and writes its targets at once; its arena targets are copies made before.
      if !unwritten.isEmpty { names.append(step.name) }
      written.formUnion(step.writes)
    }
    return names
  }
}
