import TensorGraph

/// A graph of one convolution, computed by one algorithm and timed.
///
/// Its time is that of the threads on processors, divided by their number: on a machine with nothing else to do that is how
/// long it takes, and where other processes hold the threads up it still tells the algorithms apart.
final class ConvolutionTrial {
  static let mostRuns = 7
  /// After so long there is no further run: what takes that long is little disturbed.
  private static let enoughSeconds = 0.05

  let algorithm: ConvolutionAlgorithm
  private var runCount = 0
  private var totalSeconds = 0.0
  /// The shortest time so far, without reorders, which neighbours of one layout do not need, and without what depends
  /// on weights alone.
  private(set) var seconds = Double.infinity
  /// The shortest time so far of bringing the weights into the algorithm's order.
  private(set) var weightSeconds = Double.infinity
  private let executable: CPUExecutable
  private let threadCount: Int
  private let inputs: [String: Tensor]

  init(
    _ algorithm: ConvolutionAlgorithm, _ problem: ConvolutionProblem, threadCount: Int
  ) throws {
    self.algorithm = algorithm
    self.threadCount = threadCount
    let graph = try problem.graph()
    let chooser = ConvolutionChooser(.always(algorithm), threadCount: threadCount)
    inputs = Dictionary(
      uniqueKeysWithValues: graph.parameters.map { ($0.name, Tensor(graph.type(of: $0.value), repeating: 1)) }
    )
    let plan = try GraphCompiler(graph, chooser).compile()
    executable = CPUExecutable(graph, plan, ParameterStore(), Arena(), threadCount: threadCount)
  }

  /// Whether further runs would tell nothing more. The first one warms up.
  var isDone: Bool { runCount >= Self.mostRuns || totalSeconds > Self.enoughSeconds }

  func run() throws {
    let times = try executable.profile(inputs, by: Parallel.processorSeconds)
    func time(_ isIncluded: (String) -> Bool) -> Double {
      times.filter { isIncluded($0.name) }.reduce(0) { $0 + $1.seconds } / Double(threadCount)
    }
    let ofWeights = time { $0 == GraphCompiler.weightsStep }
    let whole = time { $0.hasPrefix("convolution") }
    runCount += 1
    totalSeconds += whole
    seconds = min(seconds, whole - ofWeights)
    weightSeconds = min(weightSeconds, ofWeights)
  }
}

extension ConvolutionProblem {
  /// A graph of this problem alone.
  fileprivate func graph() throws -> Graph {
    var builder = GraphBuilder(name: "measurement")
    let dtype = input.dtype
    let outputType = TensorType(dtype, output)
    func weights() throws -> Value {
      let master = builder.parameter("w", .input, TensorType(.f32, filter))
      return dtype == .f32 ? master : try builder.cast(master, to: dtype)
    }
    let result: Value
    switch direction {
    case .forward:
      result = try builder.convolution(builder.parameter("x", .input, input), try weights(), window)
    case .inputGradient:
      result = try builder.transposedConvolution(
        builder.parameter("dy", .input, outputType), try weights(), window, outputShape: input.shape)
    case .filterGradient:
      let x = builder.parameter("x", .input, input)
      let dy = builder.parameter("dy", .input, outputType)
      let dw = try builder.apply(.convolutionFilterGradient(window, filterShape: filter), x, dy)
      result = dtype == .f32 ? dw : try builder.cast(dw, to: .f32)
    }
    builder.output("result", result)
    return builder.graph
  }
}
