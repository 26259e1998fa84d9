import Networks
import SeededRandom
import TensorGraph

/// Times one graph of a model on made-up data: the whole train step, or prediction.
public struct ThroughputBenchmark {
  /// What is timed.
  public enum Mode: String, Sendable, CaseIterable {
    case train
    case predict
  }

  /// What one kind of operation takes of a run.
  public struct Share: Sendable {
    /// "convolution + bias".
    public let operation: String
    public let seconds: Double
    /// Of the sum over all operations.
    public let fraction: Double
  }

  /// What one all-reduce takes, on average over the measured runs.
  public struct AllReduce: Codable, Sendable {
    public let byteCount: Int
    /// From its start until it is complete.
    public let seconds: Double
    /// The share of that in which the step goes on.
    public let hiddenShare: Double
  }

  public let mode: Mode
  public let batchSize: Int
  /// The processes, or devices, that average their gradients.
  public let replicaCount: Int
  /// What compiling took; less where the device kept the program from before.
  public let compileSeconds: Double
  /// Of the measured runs.
  public let times: RunTimes
  /// The most costly kind of operation first; of runs of their own, since measuring every operation costs time.
  /// Empty where the device does not tell.
  public let shares: [Share]
  /// Every operation in its order, at its fastest of the same runs.
  public let operations: [OperationTime]
  /// In their order; empty where there is one process.
  public let allReduces: [AllReduce]

  /// Runs the graph some times unmeasured, then `steps` times measured.
  ///
  /// - Parameters:
  ///   - options: of the network and its training.
  ///   - mode: what is timed.
  ///   - warmUp: steps before those.
  ///   - steps: that count.
  ///   - executor: that is timed.
  ///   - halfDType: of mixed precision; nil for float32.
  ///   - replicas: the processes that do so at once and, in training, average their gradients.
  ///   - dataParallel: how replicas average; nil for one.
  public init(
    _ options: TrainingOptions, mode: Mode, warmUp: Int, steps: Int, executor: any Executor,
    halfDType: DType? = nil, replicas: Replicas = Replicas(), dataParallel: DataParallel = DataParallel()
  ) throws {
    self.mode = mode
    batchSize = options.batchSize
    // Prediction runs on the first device alone.
    let deviceCount = mode == .train ? executor.deviceCount : 1
    replicaCount = replicas.count * deviceCount
    let graphs = try ModelGraphs(
      options, halfDType: halfDType, dataParallel: replicaCount > 1 ? dataParallel : nil)
    try executor.load(try graphs.initialTensors(seed: options.seed))
    let graph =
      mode == .train
      ? try graphs.trainStep(batchSize: batchSize) : try graphs.prediction(batchSize: batchSize)
    let clock = ContinuousClock()
    let compileStart = clock.now
    let executable = try replicas.compile([graph], on: executor)[0]
    compileSeconds = (clock.now - compileStart) / .seconds(1)
    let inputs = Self.inputs(graph, options, deviceCount: deviceCount)
    var seconds: [Double] = []
    var timings: [[AllReduceTiming]] = []
    var last = clock.now
    var finish: () throws -> [String: Tensor] = { [:] }
    for step in 0..<warmUp + steps {
      // As in training, a device is given its next step before the outputs of the one before are waited for.
      let next = try executable.start(inputs)
      _ = try finish()
      finish = next
      let now = clock.now
      defer { last = now }
      guard step >= warmUp else { continue }
      seconds.append((now - last) / .seconds(1))
      timings.append(executable.allReduceTimings)
    }
    _ = try finish()
    times = RunTimes(seconds)
    allReduces = Self.means(timings)
    let profiles = try (0..<Self.profiledRuns).map { _ in try executable.profile(inputs) }
    shares = Self.shares(profiles.flatMap { $0 })
    operations = OperationTime.fastest(of: profiles)
  }

  private static let profiledRuns = 5

  /// The mean of each all-reduce over the runs.
  private static func means(_ runs: [[AllReduceTiming]]) -> [AllReduce] {
    (runs.first ?? []).indices.map { index in
      let elapsed = runs.reduce(Duration.zero) { $0 + $1[index].elapsed }
      let exposed = runs.reduce(Duration.zero) { $0 + $1[index].exposed }
      return AllReduce(
        byteCount: runs[0][index].byteCount, seconds: elapsed / .seconds(1) / Double(runs.count),
        hiddenShare: 1 - exposed / elapsed)
    }
  }

  private static func shares(_ times: [OperationTime]) -> [Share] {
    let total = times.reduce(0) { $0 + $1.seconds }
    let sums = Dictionary(times.map { ($0.name, $0.seconds) }, uniquingKeysWith: +)
    return sums.map {
      Share(operation: $0, seconds: $1 / Double(profiledRuns), fraction: $1 / total)
    }
    .sorted { ($0.seconds, $1.operation) > ($1.seconds, $0.operation) }
  }

  /// Noise for images, random classes for labels.
  package static func inputs(
    _ graph: Graph, _ options: TrainingOptions, deviceCount: Int
  ) -> [String: Tensor] {
    var generator = SplitMix64(seed: options.seed)
    var inputs: [String: Tensor] = [:]
    for parameter in graph.parameters where !parameter.kind.isPersistent {
      var type = graph.type(of: parameter.value)
      if type.shape.rank > 0 {
        type.shape = Shape([deviceCount * type.shape[0]] + type.shape.extents.dropFirst())
      }
      let count = type.shape.elementCount
      switch (parameter.kind, type.shape.rank) {
      case (_, 0) where parameter.name == StepNames.replicaWeight:
        inputs[parameter.name] = Tensor(scalar: 1)
      case (.label, _):
        let classes = UInt64(options.network.classCount)
        inputs[parameter.name] = Tensor(type, (0..<count).map { _ in Float(generator.next() % classes) })
      case (_, 0):
        inputs[parameter.name] = Tensor(type, repeating: Float(options.baseLearningRate))
      default:
        inputs[parameter.name] = Tensor(type, (0..<count).map { _ in Float(2 * generator.nextUnit() - 1) })
      }
    }
    return inputs
  }

  /// Images per second, of all processes, at the median run.
  public var imagesPerSecond: Double { Double(batchSize * replicaCount) / times.percentile(50) }
}
