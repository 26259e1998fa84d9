/// A device that compiles graphs and keeps the content of their weights and state between runs.
///
/// Graphs compiled by one executor share persistent parameters by name: the train step and the evaluation
/// of one model work on the same weights.
public protocol Executor: AnyObject {
  /// A line about the device for logs: "CPU, AVX2, 2 threads".
  var summary: String { get }

  /// The half-precision dtypes in which this device computes no slower than in float32, its own default first.
  var fastHalfDTypes: [DType] { get }

  /// The devices among which a graph with all-reduces divides the first axis of its inputs; 1 for most executors.
  var deviceCount: Int { get }

  /// Whether the executors of all processes must compile and run the same programs at the same time, because all-reduces
  /// are part of these; false for most executors.
  var runsInLockstep: Bool { get }

  /// What this device measured and what it chose by that, by name: the same choices make the same plans, and these the
  /// same bits.
  var measuredChoices: [String: String] { get }

  /// Takes over what was measured and chosen before: when a training run goes on, or for another process on this machine.
  func adopt(measuredChoices: [String: String])

  /// Compiles a graph. Persistent parameters that the executor does not hold yet start at zero.
  /// - Throws: `ExecutionError`, or the backend's own error with the failing operation's name.
  func compile(_ graph: Graph) throws -> any Executable

  /// Sets weights and state by name.
  func load(_ tensors: [String: Tensor]) throws

  /// Returns weights and state by name.
  func fetch(_ names: [String]) throws -> [String: Tensor]
}

extension Executor {
  public var deviceCount: Int { 1 }

  public var runsInLockstep: Bool { false }

  public var measuredChoices: [String: String] { [:] }

  public func adopt(measuredChoices: [String: String]) {}
}

/// A compiled graph.
public protocol Executable: AnyObject {
  var graph: Graph { get }

  /// Runs the graph once on inputs and labels by name, applies its updates and returns its outputs by name.
  /// - Throws: `ExecutionError` when an input is missing or of another type.
  func run(_ inputs: [String: Tensor]) throws -> [String: Tensor]

  /// Starts what `run` does, so that the device need not wait for the caller; the closure waits for the outputs. Runs
  /// take place in the order in which they were started.
  /// - Throws: as `run`; what goes wrong after the start is thrown by the closure.
  func start(_ inputs: [String: Tensor]) throws -> () throws -> [String: Tensor]

  /// Runs the graph once as `run` does and returns the seconds that each operation took, in their order; empty
  /// where the device does not tell.
  func profile(_ inputs: [String: Tensor]) throws -> [OperationTime]

  /// What each all-reduce of the last run took, in their order; empty where the device does not tell.
  var allReduceTimings: [AllReduceTiming] { get }
}

extension Executable {
  public func start(_ inputs: [String: Tensor]) throws -> () throws -> [String: Tensor] {
    let outputs = try run(inputs)
    return { outputs }
  }

  public var allReduceTimings: [AllReduceTiming] { [] }

  public func profile(_ inputs: [String: Tensor]) throws -> [OperationTime] { [] }
}

/// The time of one operation in one run.
public struct OperationTime: Sendable {
  /// What ran: "convolution + bias".
  public let name: String
  /// Which implementation, on what: "jit:avx512_core".
  public let detail: String
  public let seconds: Double

  public init(name: String, detail: String, seconds: Double) {
    self.name = name
    self.detail = detail
    self.seconds = seconds
  }

  /// Every operation of some runs of a graph, at its fastest.
  package static func fastest(of runs: [[OperationTime]]) -> [OperationTime] {
    (runs.first ?? []).indices.map { index in runs.map { $0[index] }.min { $0.seconds < $1.seconds }! }
  }
}

/// The time of one all-reduce in one run.
public struct AllReduceTiming: Sendable {
  /// What travelled, as it lies in memory.
  public let byteCount: Int
  /// From its start until it was seen to be complete.
  public var elapsed = Duration.zero
  /// Of that, the time in which nothing was computed: starting it, moving it on between steps, waiting for it.
  public var exposed = Duration.zero

  public init(byteCount: Int) { self.byteCount = byteCount }
}

/// Why a run cannot start.
public enum ExecutionError: Error, Equatable, CustomStringConvertible {
  case missingInput(String)
  case unknownTensor(String)
  case wrongType(name: String, expected: TensorType, found: TensorType)
  case unsupported(operation: String, reason: String)
  case insufficientMemory(graph: String, needed: Int, available: Int)

  public var description: String {
    switch self {
    case .missingInput(let name): "the graph's input \"\(name)\" was not given"
    case .unknownTensor(let name): "the executor holds no tensor named \"\(name)\""
    case .wrongType(let name, let expected, let found): "\"\(name)\" is \(found), but \(expected) is needed"
    case .unsupported(let operation, let reason): "\(operation) cannot run here: \(reason)"
    case .insufficientMemory(let graph, let needed, let available):
      "the graph \(graph) needs \(needed >> 20) MiB of memory and this process may take \(available >> 20) more; "
        + "take a smaller --batch-size, --input-shape or --filters, or allow more (ulimit -v, the container's limit)"
    }
  }
}
