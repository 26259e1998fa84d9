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

  // MARK: Fusions

  @Test(arguments: [
    ("convolution 16 to 32 and bias", ["convolution + bias", "convolution_filter_gradient + bias gradient"]),
    ("bias on a value used twice", ["convolution", "bias_add"]),
    ("bias that is computed", ["convolution", "bias_add"]),
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
    ("convolution 16 to 32 and bias", ["convolution", "bias_add", "channel sum", "reduce_sum"]),
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
