import ProcessMemory
import TensorGraph

/// Runs graphs on the CPU.
public final class CPUExecutor: Executor {
  private let store: ParameterStore
  private let arena = Arena()
  let chooser: ConvolutionChooser
  private let collectives: (any Collectives)?
  /// The number of threads on which every run works, as far as there are processors for them: results are those of so many.
  public let threadCount: Int

  /// - Parameters:
  ///   - threadCount: nil takes OMP_NUM_THREADS, or else all processors that the process may use.
  ///   - convolutions: how the algorithms of convolutions are chosen.
  ///   - collectives: the replicas over which graphs average gradients; nil where there is one.
  /// - Throws: `ThreadError` when the system has not so many threads, `InstructionSetError` when the environment names one
  ///   that the processor has not.
  public init(
    threadCount: Int? = nil, convolutions: ConvolutionPolicy = .fastest,
    collectives: (any Collectives)? = nil
  ) throws {
    self.threadCount = threadCount ?? ProcessorLimit.threadCount
    _ = try InstructionSet.chosen()
    try Parallel.reserve(self.threadCount)
    Parallel.threadCount = self.threadCount
    self.collectives = collectives
    store = ParameterStore()
    chooser = ConvolutionChooser(convolutions, threadCount: self.threadCount)
  }

  public var summary: String {
    "CPU, \(InstructionSet.used), \(threadCount) \(threadCount == 1 ? "thread" : "threads")"
  }

  public var fastHalfDTypes: [DType] { [.bf16] }

  /// The algorithm that was chosen for each convolution, and the times from which it was.
  public var measuredChoices: [String: String] { chooser.record }

  public func adopt(measuredChoices: [String: String]) { chooser.adopt(measuredChoices) }

  /// Calls back when algorithms of convolutions are measured: before the first layer and after each.
  public func onMeasuring(_ body: @escaping (ConvolutionMeasuring) -> Void) { chooser.onMeasuring = body }

  public func compile(_ graph: Graph) throws -> any Executable { try compileForCPU(graph) }

  /// Compiles a graph into an executable that can also describe its plan.
  ///
  /// Whether the graph fits into memory is known before anything is measured or any memory taken: where layers are not
  /// measured yet, by a plan with the direct algorithm in their place.
  public func compileForCPU(_ graph: Graph) throws -> CPUExecutable {
    Parallel.threadCount = threadCount
    for parameter in graph.parameters where parameter.kind.isPersistent {
      try store.declare(parameter.name, graph.type(of: parameter.value))
    }
    var plan = try plan(graph)
    if !chooser.unmeasured.isEmpty {
      try chooser.measure()
      plan = try self.plan(graph)
    }
    return CPUExecutable(graph, plan, store, arena, threadCount: threadCount)
  }

  private func plan(_ graph: Graph) throws -> Plan {
    chooser.unmeasured = []
    let plan = try GraphCompiler(graph, chooser, collectives).compile()
    try requireMemory(for: plan, of: graph)
    return plan
  }

  /// Counts what is not there yet: the arena as far as it grows, constants, parameters, the caller's inputs and outputs, and
  /// where the address space is limited the stacks of the threads.
  ///
  /// - Throws: `ExecutionError.insufficientMemory` when that is more than this process may still take.
  private func requireMemory(for plan: Plan, of graph: Graph) throws {
    let inputs = graph.parameters.filter { !$0.kind.isPersistent }.map { graph.type(of: $0.value).byteCount }
    let outputs = graph.outputs.map { graph.type(of: $0.value).byteCount }
    let started = Parallel.startedThreads(for: threadCount)
    let stacks = MemoryLimit.addressSpace == nil ? 0 : (started - 1) * MemoryLimit.threadStack
    let needed =
      max(0, plan.arenaByteCount - arena.byteCount) + plan.constantByteCount + store.missingByteCount
      + (inputs + outputs).reduce(0, +) + stacks
    let available = MemoryLimit.available
    guard needed <= available else {
      throw ExecutionError.insufficientMemory(graph: graph.name, needed: needed, available: available)
    }
  }

  // MARK: Memory

  /// The bytes of the arena that all executables share: what the largest of them needs, once it has run.
  public var arenaByteCount: Int { arena.byteCount }

  // MARK: Weights and state

  public func load(_ tensors: [String: Tensor]) throws {
    for (name, tensor) in tensors { try store.load(name, tensor) }
  }

  public func fetch(_ names: [String]) throws -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for name in names { tensors[name] = try store.fetch(name) }
    return tensors
  }
}
