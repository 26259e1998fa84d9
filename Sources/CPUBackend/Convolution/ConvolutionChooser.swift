import CPUKernels
import TensorGraph

/// Chooses the algorithm of each convolution of an executor's graphs.
final class ConvolutionChooser {
  /// Direct convolution serves smaller ones: there is little to win.
  private static let leastMultiplications = 10_000_000
  private static let measuredRuns = 5

  let threadCount: Int
  private let policy: ConvolutionPolicy
  private let context: OneDNNContext
  private let instructionSet = OneDNNContext.kernelInstructionSet
  /// By the description of the problem.
  private(set) var choices: [String: ConvolutionAlgorithm] = [:]
  /// Called with all choices after each one that was measured.
  var didMeasure: (([String: ConvolutionAlgorithm]) -> Void)?

  init(_ policy: ConvolutionPolicy, _ context: OneDNNContext, threadCount: Int) {
    self.policy = policy
    self.context = context
    self.threadCount = threadCount
  }

  /// Takes over choices that were measured before, on this machine with as many threads.
  func adopt(_ choices: [String: ConvolutionAlgorithm]) { self.choices.merge(choices) { $1 } }

  /// Kernels of our own for a problem.
  enum Kernel {
    case winograd(UnsafePointer<WinogradKernel>)
    case narrow(UnsafePointer<NarrowKernel>)
  }

  /// The kernel with which a problem is to be computed; nil for oneDNN's direct algorithm.
  ///
  /// - Parameter weights: the type of the filter, or of its gradient.
  func kernel(for problem: ConvolutionProblem, weights: TensorType) throws -> Kernel? {
    guard weights.dtype == .f32 else { return nil }
    let algorithm = try algorithm(for: problem)
    return problem.winogradKernel(algorithm, instructionSet).map(Kernel.winograd)
      ?? problem.narrowKernel(algorithm, instructionSet).map(Kernel.narrow)
  }

  private func algorithm(for problem: ConvolutionProblem) throws -> ConvolutionAlgorithm {
    switch policy {
    case .always(let algorithm): return algorithm
    case .fastest:
      let candidates = problem.algorithms(instructionSet)
      guard candidates.count > 1, problem.multiplications >= Self.leastMultiplications else { return .direct }
      if let choice = choices[problem.description], candidates.contains(choice) { return choice }
      let choice = try fastest(of: candidates, problem)
      choices[problem.description] = choice
      didMeasure?(choices)
      return choice
    }
  }

  // MARK: Measuring

  private func fastest(
    of candidates: [ConvolutionAlgorithm], _ problem: ConvolutionProblem
  ) throws -> ConvolutionAlgorithm {
    let graph = try problem.graph()
    var best: (algorithm: ConvolutionAlgorithm, seconds: Double)?
    for candidate in candidates {
      let seconds = try measure(candidate, graph)
      if seconds < best?.seconds ?? .infinity { best = (candidate, seconds) }
    }
    return best?.algorithm ?? .direct
  }

  /// The shortest time of some runs, reorders left out: neighbours share layouts.
  private func measure(_ algorithm: ConvolutionAlgorithm, _ graph: Graph) throws -> Double {
    let chooser = ConvolutionChooser(.always(algorithm), context, threadCount: threadCount)
    let store = ParameterStore(context)
    for parameter in graph.parameters where parameter.kind.isPersistent {
      try store.declare(parameter.name, graph.type(of: parameter.value))
    }
    let plan = try GraphCompiler(graph, context, chooser).compile()
    let executable = CPUExecutable(graph, plan, store, context, threadCount: threadCount)
    var inputs: [String: Tensor] = [:]
    for parameter in graph.parameters where !parameter.kind.isPersistent {
      inputs[parameter.name] = Tensor(graph.type(of: parameter.value), repeating: 1)
    }
    var best = Double.infinity
    for _ in 0...Self.measuredRuns {
      let times = try executable.profile(inputs).filter { $0.name.hasPrefix("convolution") }
      best = min(best, times.reduce(0) { $0 + $1.seconds })
    }
    return best
  }
}

extension ConvolutionProblem {
  /// A graph of this problem alone.
  fileprivate func graph() throws -> Graph {
    var builder = GraphBuilder(name: "measurement")
    let dtype = input.dtype
    let outputType = TensorType(dtype, output)
    func weights() throws -> Value {
      let master = builder.parameter("w", .weight, TensorType(.f32, filter))
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
