extension Plan {
  /// Lets copies of persistent parameters that are worked on and then copied back share the parameter's own memory,
  /// and drops both copies, wherever nothing reads the parameter's old content behind the first one.
  ///
  /// Who reads is decided by buffers alone: it does not matter which operation shares whose memory.
  package mutating func updateInPlace() {
    let accesses = BufferAccesses(self)
    var dropped = Set<Int>()
    var homes: [BufferID: BufferID] = [:]
    for (index, step) in steps.enumerated() where step.isCopy {
      let (copy, parameter) = (step.reads[0], step.writes[0])
      guard buffers[parameter.index].parameter != nil, buffers[copy.index].parameter == nil,
        let first = accesses.of(copy).first, first < index,
        let start = accesses.copy(from: parameter, to: copy, at: first, in: self),
        accesses.of(parameter).allSatisfy({ $0 <= start || $0 == index }),
        accesses.isWhole(copy), accesses.isWhole(parameter), !accesses.isGivenBack(parameter)
      else { continue }
      homes[copy] = parameter
      dropped.formUnion([start, index])
    }
    steps = steps.enumerated().filter { !dropped.contains($0.offset) }.map(\.element)
    move(homes)
  }

  /// Lets buffers be parameters' memory, for the steps that are bound to them, too.
  private mutating func move(_ homes: [BufferID: BufferID]) {
    for (copy, parameter) in homes { buffers[copy.index].parameter = buffers[parameter.index].parameter }
    for index in steps.indices {
      steps[index].reads = steps[index].reads.map { homes[$0] ?? $0 }
      steps[index].writes = steps[index].writes.map { homes[$0] ?? $0 }
    }
    outputs = outputs.map { ($0.name, homes[$0.buffer] ?? $0.buffer) }
  }

  /// The buffer in which another lies; itself where it is not a part.
  func whole(_ buffer: BufferID) -> BufferID { buffers[buffer.index].part?.whole ?? buffer }
}

/// Which steps of a plan touch each buffer or a part of it.
private struct BufferAccesses {
  private var steps: [[Int]]
  private var divided = Set<BufferID>()
  private let outputs: Set<BufferID>

  init(_ plan: Plan) {
    steps = Array(repeating: [], count: plan.buffers.count)
    for (index, step) in plan.steps.enumerated() {
      for buffer in Set(step.buffers.map(plan.whole)) { steps[buffer.index].append(index) }
    }
    divided = Set(plan.buffers.compactMap { $0.part?.whole })
    outputs = Set(plan.outputs.map { plan.whole($0.buffer) })
  }

  func of(_ buffer: BufferID) -> [Int] { steps[buffer.index] }

  /// Whether no buffer is a part of this one.
  func isWhole(_ buffer: BufferID) -> Bool { !divided.contains(buffer) }

  func isGivenBack(_ buffer: BufferID) -> Bool { outputs.contains(buffer) }

  /// The index of a step, where it copies one buffer to another.
  func copy(from source: BufferID, to target: BufferID, at index: Int, in plan: Plan) -> Int? {
    let step = plan.steps[index]
    return step.isCopy && step.reads == [source] && step.writes == [target] ? index : nil
  }
}
