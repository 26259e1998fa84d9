import CPUBackend
import TensorGraph
import Testing

/// Whether a copy of a parameter that is worked on becomes the parameter itself: a matter of who reads which buffer.
@Suite struct InPlaceUpdateTests {
  /// A plan that copies a parameter, works on the copy and copies it back, with other steps before and behind the work.
  private struct Sketch {
    var plan = Plan()
    let parameter = BufferID(index: 0)
    let copy = BufferID(index: 1)

    init() {
      plan.buffers = [BufferInfo(byteCount: 8, parameter: "w"), BufferInfo(byteCount: 8)]
    }

    mutating func makeBuffer(partOf whole: BufferID? = nil) -> BufferID {
      plan.buffers.append(BufferInfo(byteCount: 8, part: whole.map { ($0, 0) }))
      return BufferID(index: plan.buffers.count - 1)
    }

    mutating func add(_ name: String, reads: [BufferID], writes: [BufferID], isCopy: Bool = false) {
      plan.steps.append(Step(name: name, reads: reads, writes: writes, isCopy: isCopy))
    }

    mutating func addUpdate(then others: (inout Sketch) -> Void = { _ in }) {
      add("copy", reads: [parameter], writes: [copy], isCopy: true)
      add("work", reads: [copy], writes: [copy])
      others(&self)
      add("update", reads: [copy], writes: [parameter], isCopy: true)
    }

    /// The steps that are left.
    func stepsAfterSharing() -> [String] {
      var plan = plan
      plan.updateInPlace()
      return plan.steps.map(\.name)
    }
  }

  @Test func sharesTheParametersMemory() {
    var sketch = Sketch()
    let other = sketch.makeBuffer()
    sketch.add("reader", reads: [sketch.parameter], writes: [other])
    sketch.addUpdate()
    #expect(sketch.stepsAfterSharing() == ["reader", "work"])
    sketch.plan.updateInPlace()
    #expect(sketch.plan.buffers[1].parameter == "w")
  }

  /// However an operation comes to read the parameter's memory, as the same buffer or as a part of it: the plan knows
  /// no operations, only who reads what.
  @Test(arguments: [false, true])
  func keepsApartWhatIsReadLater(_ isPart: Bool) {
    var sketch = Sketch()
    let alias = isPart ? sketch.makeBuffer(partOf: sketch.parameter) : sketch.parameter
    let other = sketch.makeBuffer()
    sketch.addUpdate { $0.add("reader", reads: [alias], writes: [other]) }
    #expect(sketch.stepsAfterSharing() == ["copy", "work", "reader", "update"])
  }

  @Test func keepsApartWhatARunGivesBack() {
    var sketch = Sketch()
    let alias = sketch.makeBuffer(partOf: sketch.parameter)
    sketch.addUpdate()
    sketch.plan.outputs = [("old", alias)]
    #expect(sketch.stepsAfterSharing() == ["copy", "work", "update"])
  }

  @Test func keepsStepsThatDoMoreThanCopy() {
    var sketch = Sketch()
    sketch.add("cast", reads: [sketch.parameter], writes: [sketch.copy])
    sketch.add("update", reads: [sketch.copy], writes: [sketch.parameter], isCopy: true)
    #expect(sketch.stepsAfterSharing() == ["cast", "update"])
  }

  /// Casts and reshapes share memory or put the reading off: through any chain of them the old content stays.
  @Test(arguments: [false, true])
  func oldContentSurvivesSharing(_ isReadLater: Bool) throws {
    var builder = GraphBuilder(name: "aliases")
    let w = builder.parameter("w", .weight, TensorType(.f32, [8]))
    let g = builder.parameter("g", .input, TensorType(.f32, [8]))
    let matrix = try builder.reshape(w, to: [2, 4])
    let alias = try builder.cast(matrix, to: .bf16)
    let (rate, scale) = (builder.constant(0.5), builder.constant(1))
    let early = try builder.cast(alias, to: .f32)
    let new = try builder.apply(.optimizerUpdate(.sgd(momentum: 0, nesterov: false)), [w, g, rate, scale])[0]
    builder.update(w, with: new)
    builder.output("old", isReadLater ? try builder.add(early, early) : try builder.relu(g))
    let graph = builder.graph
    let executor = try CPUExecutor(threadCount: 1)
    try executor.load(["w": Tensor([8], [1, 2, 3, 4, 5, 6, 7, 8])])
    let executable = try executor.compileForCPU(graph)
    let outputs = try executable.run(["g": Tensor([8], [Float](repeating: 2, count: 8))])
    if isReadLater { #expect(outputs["old"]?.elements == [2, 4, 6, 8, 10, 12, 14, 16]) }
    #expect(try executor.fetch(["w"])["w"]?.elements == [0, 1, 2, 3, 4, 5, 6, 7])
    #expect(executable.plan.steps.contains { $0.name == "copy" } == isReadLater)
  }
}
