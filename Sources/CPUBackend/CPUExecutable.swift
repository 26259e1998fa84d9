import TensorGraph

/// A graph compiled for the CPU: a plan, and the plan's steps bound to addresses.
///
/// Its runs take place in the executor's arena, which all executables share: inputs and outputs are there only while
/// it runs. What depends on weights alone is kept apart, until the executable goes.
public final class CPUExecutable: Executable {
  public let graph: Graph
  package let plan: Plan
  private let store: ParameterStore
  private let arena: Arena.Claim
  private let threadCount: Int
  private var constants: AlignedBuffer?
  private var addresses = Addresses(pointers: [])
  private var work: [() throws -> Void] = []
  /// The parameters' version for which the plan's first steps have run.
  private var preparedVersion: Int?
  private let inputTypes: [String: TensorType]

  init(_ graph: Graph, _ plan: Plan, _ store: ParameterStore, _ arena: Arena, threadCount: Int) {
    self.graph = graph
    self.plan = plan
    self.store = store
    self.arena = arena.claim(plan.arenaByteCount)
    self.threadCount = threadCount
    inputTypes = Dictionary(
      uniqueKeysWithValues: graph.parameters.map { ($0.name, graph.type(of: $0.value)) })
  }

  public func run(_ inputs: [String: Tensor]) throws -> [String: Tensor] {
    try forEachStep(inputs) { _, work in
      try work()
      try plan.allReduces?.progress()
    }
    return outputs()
  }

  public func profile(_ inputs: [String: Tensor]) throws -> [OperationTime] {
    let clock = ContinuousClock()
    let start = clock.now
    return try profile(inputs) { (clock.now - start) / .seconds(1) }
  }

  /// Runs the graph once and returns what each step took by a clock that tells seconds.
  func profile(_ inputs: [String: Tensor], by clock: () -> Double) throws -> [OperationTime] {
    var times: [OperationTime] = []
    try forEachStep(inputs) { step, work in
      let start = clock()
      try work()
      times.append(OperationTime(name: step.name, detail: step.detail, seconds: clock() - start))
    }
    return times
  }

  /// Runs the graph on one thread, as it is planned for the executor's, and returns how far these could share each step.
  package func stepBounds(_ inputs: [String: Tensor]) throws -> [StepBound] {
    let clock = ContinuousClock()
    var bounds: [StepBound] = []
    try forEachStep(inputs) { step, work in
      let start = clock.now
      let loops = try Parallel.measuringLoops(threadCount: threadCount, work)
      let seconds = max((clock.now - start) / .seconds(1), loops.seconds)
      bounds.append(
        StepBound(
          name: step.name, detail: step.detail, threadCount: threadCount, seconds: seconds,
          parallelSeconds: seconds - loops.seconds + loops.parallelSeconds))
    }
    return bounds
  }

  /// Prepares a run, and calls `body` with each of its steps and the step's work, which it does.
  private func forEachStep(
    _ inputs: [String: Tensor], _ body: (_ step: Step, _ work: () throws -> Void) throws -> Void
  ) throws {
    try prepare(inputs)
    for index in plan.onceCount..<plan.steps.count { try body(plan.steps[index], work[index]) }
    if graph.changesWeights { store.didChange() }
  }

  private func prepare(_ inputs: [String: Tensor]) throws {
    Parallel.threadCount = threadCount
    try bindIfNeeded()
    if preparedVersion != store.version {
      for step in work.prefix(plan.onceCount) { try step() }
      preparedVersion = store.version
    }
    for (name, buffer) in plan.inputs { try write(name, inputs[name], to: buffer) }
  }

  private func outputs() -> [String: Tensor] {
    var outputs: [String: Tensor] = [:]
    for (output, place) in zip(graph.outputs, plan.outputs) {
      outputs[output.name] = Tensor(graph.type(of: output.value), readingFrom: addresses(place.buffer))
    }
    return outputs
  }

  private func write(_ name: String, _ tensor: Tensor?, to buffer: BufferID) throws {
    guard let tensor else { throw ExecutionError.missingInput(name) }
    guard let type = inputTypes[name], tensor.type == type else {
      throw ExecutionError.wrongType(
        name: name, expected: inputTypes[name] ?? tensor.type, found: tensor.type)
    }
    tensor.write(to: addresses(buffer))
  }

  /// Brings the parameters into the plan's layouts; binds the steps at the first run, and again when the arena or a
  /// parameter has moved since.
  private func bindIfNeeded() throws {
    for (name, layout) in plan.persistentLayouts { try store.arrange(name, as: layout) }
    let current = try currentPointers()
    guard work.isEmpty || current != addresses.pointers else { return }
    addresses = Addresses(pointers: current)
    work = try plan.steps.map { try $0.bind(addresses) }
  }

  private func currentPointers() throws -> [UnsafeMutableRawPointer?] {
    let constants = constants ?? AlignedBuffer(byteCount: plan.constantByteCount)
    self.constants = constants
    let arena = arena.address()
    return try zip(plan.buffers, plan.places).map { buffer, place in
      if let parameter = buffer.parameter { return try store.entry(parameter).buffer.address }
      return switch place {
      case .arena(let offset): arena + offset
      case .constants(let offset): constants.address + offset
      case nil: nil
      }
    }
  }

  /// What each all-reduce of the last run took, in their order; empty where there is one replica.
  public var allReduceTimings: [AllReduceTiming] { plan.allReduces?.timings ?? [] }

  // MARK: Description

  /// The bytes of the arena that a run needs: everything but weights, state, what is computed from weights alone, and
  /// what the caller holds.
  public var arenaByteCount: Int { plan.arenaByteCount }

  /// The bytes of what is computed from weights alone, which this executable keeps between runs.
  public var constantByteCount: Int { plan.constantByteCount }

  /// The plan as text: one line per step, then the sizes of the arena and of the constants.
  public var planDescription: String {
    var lines = plan.steps.enumerated().map { index, step in
      "\(index)  \(step.name)  [\(step.detail)]" + (index < plan.onceCount ? "  once" : "")
    }
    func mebibytes(_ count: Int) -> Double { (Double(count) / 1_048_576 * 10).rounded() / 10 }
    lines.append(
      "arena \(mebibytes(plan.arenaByteCount)) MiB, constants \(mebibytes(plan.constantByteCount)) MiB, "
        + "\(plan.steps.count) steps")
    return lines.joined(separator: "\n")
  }

  /// How many reorders the plan holds, by name ("reorder", "update").
  public var reorderCount: Int { plan.steps.filter { $0.name == "reorder" }.count }
}
