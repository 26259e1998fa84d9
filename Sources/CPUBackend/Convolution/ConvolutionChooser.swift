import CPUKernels
import TensorGraph

/// Chooses the algorithm of each convolution of an executor's graphs.
final class ConvolutionChooser {
  /// Smaller ones are not measured: there is little to win.
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
    case patch(UnsafePointer<PatchKernel>)
  }

  /// The kernel with which a problem is to be computed; nil for oneDNN's direct algorithm.
  ///
  /// - Parameter weights: the type of the filter, or of its gradient.
  func kernel(for problem: ConvolutionProblem, weights: TensorType) throws -> Kernel? {
    guard weights.dtype == .f32 else { return nil }
    let algorithm = try algorithm(for: problem)
    return problem.winogradKernel(algorithm, instructionSet).map(Kernel.winograd)
      ?? problem.narrowKernel(algorithm, instructionSet).map(Kernel.narrow)
      ?? problem.patchKernel(algorithm, instructionSet).map(Kernel.patch)
  }

  private func algorithm(for problem: ConvolutionProblem) throws -> ConvolutionAlgorithm {
    let candidates = problem.algorithms(instructionSet)
    switch policy {
    case .always(let algorithm): return candidates.contains(algorithm) ? algorithm : candidates[0]
    case .fastest:
      guard candidates.count > 1, problem.multiplications >= Self.leastMultiplications else {
        return candidates[0]
      }
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
    let trials = try candidates.map { try Trial($0, graph, context, threadCount: threadCount) }
    // In turn, so that what else the machine does hits all alike.
    for _ in 0...Self.measuredRuns {
      for trial in trials { try trial.run() }
    }
    return trials.min { $0.seconds < $1.seconds }?.algorithm ?? .direct
  }
}

/// A graph of one convolution, computed by one algorithm and timed.
private final class Trial {
  let algorithm: ConvolutionAlgorithm
  /// The shortest time so far, without reorders: neighbours share layouts.
  private(set) var seconds = Double.infinity
  private let executable: CPUExecutable
  private let inputs: [String: Tensor]

  init(
    _ algorithm: ConvolutionAlgorithm, _ graph: Graph, _ context: OneDNNContext, threadCount: Int
  ) throws {
    self.algorithm = algorithm
    let chooser = ConvolutionChooser(.always(algorithm), context, threadCount: threadCount)
    let store = ParameterStore(context)
    var inputs: [String: Tensor] = [:]
    for parameter in graph.parameters {
      let type = graph.type(of: parameter.value)
      if parameter.kind.isPersistent {
        try store.declare(parameter.name, type)
      } else {
        inputs[parameter.name] = Tensor(type, repeating: 1)
      }
    }
    self.inputs = inputs
    let plan = try GraphCompiler(graph, context, chooser).compile()
    executable = CPUExecutable(graph, plan, store, Arena(), threadCount: threadCount)
  }

  func run() throws {
    let times = try executable.profile(inputs).filter { $0.name.hasPrefix("convolution") }
    seconds = min(seconds, times.reduce(0) { $0 + $1.seconds })
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
