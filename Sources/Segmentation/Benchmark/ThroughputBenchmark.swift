import SeededRandom
import TensorGraph
import VNetModel

/// Times one graph of a model on made-up data: the whole train step, or prediction.
public struct ThroughputBenchmark {
  /// What is timed.
  public enum Mode: String, Sendable {
    case training
    case inference
  }

  public let mode: Mode
  public let batchSize: Int
  /// Seconds of each measured run, ascending.
  public let seconds: [Double]

  /// Runs the graph some times unmeasured, then `steps` times measured.
  public init(
    _ options: TrainingOptions, mode: Mode, warmUp: Int, steps: Int, executor: any Executor,
    halfDType: DType? = nil
  ) throws {
    self.mode = mode
    batchSize = options.batchSize
    let graphs = try ModelGraphs(options, halfDType: halfDType)
    try executor.load(try graphs.initialTensors(seed: options.seed))
    let graph =
      mode == .training
      ? try graphs.trainStep(batchSize: batchSize) : try graphs.prediction(batchSize: batchSize)
    let executable = try executor.compile(graph)
    let inputs = Self.inputs(graph, options)
    let clock = ContinuousClock()
    var seconds: [Double] = []
    for step in 0..<warmUp + steps {
      let start = clock.now
      _ = try executable.run(inputs)
      if step >= warmUp { seconds.append((clock.now - start) / .seconds(1)) }
    }
    self.seconds = seconds.sorted()
  }

  /// Noise for images, random classes for labels.
  private static func inputs(_ graph: Graph, _ options: TrainingOptions) -> [String: Tensor] {
    var generator = SplitMix64(seed: options.seed)
    var inputs: [String: Tensor] = [:]
    for parameter in graph.parameters where !parameter.kind.isPersistent {
      let type = graph.type(of: parameter.value)
      let count = type.shape.elementCount
      switch (parameter.kind, type.shape.rank) {
      case (.label, _):
        let classes = UInt64(options.configuration.classCount)
        inputs[parameter.name] = Tensor(type, (0..<count).map { _ in Float(generator.next() % classes) })
      case (_, 0):
        inputs[parameter.name] = Tensor(type, repeating: Float(options.baseLearningRate))
      default:
        inputs[parameter.name] = Tensor(type, (0..<count).map { _ in Float(2 * generator.nextUnit() - 1) })
      }
    }
    return inputs
  }

  /// The time that p per cent of the runs stay under, by the nearest rank.
  public func percentile(_ p: Double) -> Double {
    let rank = Int((p / 100 * Double(seconds.count)).rounded(.up))
    return seconds[min(max(rank, 1), seconds.count) - 1]
  }

  /// Images per second at the median run.
  public var imagesPerSecond: Double { Double(batchSize) / percentile(50) }
}
