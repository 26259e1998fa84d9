import Glibc
import TensorGraph

/// Runs graphs on the CPU with oneDNN and kernels of our own.
public final class CPUExecutor: Executor {
  private let context: OneDNNContext
  private let store: ParameterStore
  private let arena = Arena()
  private let chooser: ConvolutionChooser
  private let collectives: (any Collectives)?
  /// The number of threads on which every run works.
  public let threadCount: Int

  /// - Parameters:
  ///   - threadCount: nil takes OMP_NUM_THREADS or else all cores.
  ///   - convolutions: how the algorithms of convolutions are chosen.
  ///   - collectives: the replicas over which graphs average gradients; nil where there is one.
  /// - Throws: `OneDNNError` when oneDNN cannot start.
  public init(
    threadCount: Int? = nil, convolutions: ConvolutionPolicy = .fastest,
    collectives: (any Collectives)? = nil
  ) throws {
    self.threadCount = threadCount ?? OpenMP.threadCount
    OpenMP.threadCount = self.threadCount
    self.collectives = collectives
    context = try OneDNNContext()
    store = ParameterStore(context)
    chooser = ConvolutionChooser(convolutions, context, threadCount: self.threadCount)
  }

  public var summary: String {
    "CPU, oneDNN \(OneDNNContext.version), \(OneDNNContext.instructionSet), "
      + "\(threadCount) \(threadCount == 1 ? "thread" : "threads")"
  }

  public var fastHalfDTypes: [DType] { OneDNNContext.fastHalfDTypes }

  /// The algorithm of each convolution that was measured.
  public var measuredChoices: [String: String] { chooser.choices.mapValues(\.description) }

  public func adopt(measuredChoices: [String: String]) {
    chooser.adopt(measuredChoices.compactMapValues(ConvolutionAlgorithm.init(description:)))
  }

  /// Calls back with all choices after each one that was measured.
  public func onMeasuredChoice(_ body: @escaping ([String: String]) -> Void) {
    chooser.didMeasure = { body($0.mapValues(\.description)) }
  }

  public func compile(_ graph: Graph) throws -> any Executable { try compileForCPU(graph) }

  /// Compiles a graph into an executable that can also describe its plan.
  public func compileForCPU(_ graph: Graph) throws -> CPUExecutable {
    OpenMP.threadCount = threadCount
    for parameter in graph.parameters where parameter.kind.isPersistent {
      try store.declare(parameter.name, graph.type(of: parameter.value))
    }
    let plan = try GraphCompiler(graph, context, chooser, collectives).compile()
    let needed = plan.arenaByteCount + plan.constantByteCount
    guard needed <= Self.physicalMemory else {
      throw ExecutionError.insufficientMemory(
        graph: graph.name, needed: needed, available: Self.physicalMemory)
    }
    return CPUExecutable(graph, plan, store, arena, threadCount: threadCount)
  }

  /// The machine's memory, in bytes.
  private static var physicalMemory: Int { sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) }

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
