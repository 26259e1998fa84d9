import CPUKernels
import TensorGraph

/// Chooses the algorithm of each convolution of an executor's graphs.
///
/// What the algorithms take is measured once for each layer, on small grids (`ConvolutionTimes`), or told by constants
/// (`ConvolutionCost`) where the policy does not let it measure; for any extents the choice is then computed. Compiling
/// never measures: it takes a plain algorithm for what is not measured yet and keeps the layer in mind, until
/// `measure` is called.
final class ConvolutionChooser {
  /// Smaller ones are not measured: there is little to win.
  private static let leastMultiplications = 10_000_000

  let threadCount: Int
  private let policy: ConvolutionPolicy
  private let instructionSet = InstructionSet.used.kernels
  /// By the description of the problem.
  private var choices: [String: ConvolutionAlgorithm] = [:]
  /// By the name of the measurement.
  private var times: [String: ConvolutionTimes] = [:]
  /// The layers that the graph under way asked for and that are not measured, in the order in which it did.
  var unmeasured: [ConvolutionLayer] = []
  /// Called before the first layer is measured and after each.
  var onMeasuring: ((ConvolutionMeasuring) -> Void)?

  init(_ policy: ConvolutionPolicy, threadCount: Int) {
    self.policy = policy
    self.threadCount = threadCount
  }

  // MARK: What was chosen before

  /// The choices that were made, by problem, and the times from which they were, by layer.
  var record: [String: String] {
    choices.mapValues(\.description).merging(times.mapValues(\.description)) { $1 }
  }

  /// Takes over a record. Its choices hold whatever the times say, so that what is compiled again computes the same
  /// bits. What this version does not understand is left out and measured when it is asked for.
  func adopt(_ record: [String: String]) {
    for (name, text) in record {
      if let algorithm = ConvolutionAlgorithm(description: text) {
        choices[name] = algorithm
      } else if let layerTimes = ConvolutionTimes(description: text) {
        times[name] = layerTimes
      }
    }
  }

  // MARK: Choosing

  /// Kernels of our own for a problem.
  enum Kernel {
    case winograd(UnsafePointer<WinogradKernel>)
    case narrow(UnsafePointer<NarrowKernel>)
    case patch(UnsafePointer<PatchKernel>)
    case direct(UnsafePointer<DirectKernel>)
  }

  /// The kernel with which a problem is to be computed.
  ///
  /// - Parameter weightsChange: whether each run of the graph has weights of its own, as training steps have.
  func kernel(for problem: ConvolutionProblem, weightsChange: Bool) -> Kernel {
    let algorithm = algorithm(for: problem, weightsChange: weightsChange)
    return problem.winogradKernel(algorithm, instructionSet).map(Kernel.winograd)
      ?? problem.narrowKernel(algorithm, instructionSet).map(Kernel.narrow)
      ?? problem.patchKernel(algorithm, instructionSet).map(Kernel.patch)
      ?? .direct(directKernel(instructionSet)!)
  }

  /// What a kernel computes of a problem. Only the direct kernels have products of pairs.
  func arithmetic(of problem: ConvolutionProblem, by kernel: Kernel) -> ConvolutionArithmetic {
    switch kernel {
    case .winograd(let kernel):
      ConvolutionArithmetic(flops: problem.flops(by: kernel.pointee.algorithm), isOfPairs: false)
    case .narrow, .patch: ConvolutionArithmetic(flops: problem.flops(by: .direct), isOfPairs: false)
    case .direct:
      ConvolutionArithmetic(
        flops: problem.flops(by: .direct),
        isOfPairs: instructionSet == KernelAVX512BFloat16 && problem.input.dtype == .bf16)
    }
  }

  private func algorithm(for problem: ConvolutionProblem, weightsChange: Bool) -> ConvolutionAlgorithm {
    let candidates = problem.algorithms(instructionSet)
    switch policy {
    case .always(let algorithm): return candidates.contains(algorithm) ? algorithm : .direct
    case .exact: return plain(candidates)
    case .fastest, .recorded: return fastest(of: candidates, problem, weightsChange: weightsChange)
    }
  }

  /// The algorithm that sums up the products as they are.
  private func plain(_ candidates: [ConvolutionAlgorithm]) -> ConvolutionAlgorithm {
    [.narrow, .patch].first(where: candidates.contains) ?? .direct
  }

  private func fastest(
    of candidates: [ConvolutionAlgorithm], _ problem: ConvolutionProblem, weightsChange: Bool
  ) -> ConvolutionAlgorithm {
    if let choice = choices[problem.description], candidates.contains(choice) { return choice }
    // Any other algorithm would fill a narrow side up to a block and leave that to be reordered.
    guard candidates.count > 1, !candidates.contains(.narrow),
      problem.multiplications >= Self.leastMultiplications
    else {
      return plain(candidates)
    }
    var seconds = candidates.compactMap { modelledSeconds(of: $0, problem, weightsChange: weightsChange) }
    if seconds.count < candidates.count {
      guard case .recorded = policy else {
        let layer = ConvolutionLayer(problem)
        if !unmeasured.contains(layer) { unmeasured.append(layer) }
        return plain(candidates)
      }
      seconds = candidates.map { builtInSeconds(of: $0, problem) }
    }
    let choice = zip(candidates, seconds).min { $0.1 < $1.1 }!.0
    choices[problem.description] = choice
    return choice
  }

  /// What an algorithm is expected to take by constants that no measurement changes.
  func builtInSeconds(of algorithm: ConvolutionAlgorithm, _ problem: ConvolutionProblem) -> Double {
    ConvolutionCost(instructionSet).seconds(of: algorithm, problem, units: units(of: algorithm, problem))
  }

  /// What an algorithm is expected to take for a problem; nil where its layer is not measured.
  func modelledSeconds(
    of algorithm: ConvolutionAlgorithm, _ problem: ConvolutionProblem, weightsChange: Bool
  ) -> Double? {
    guard let times = times[name(of: ConvolutionLayer(problem))],
      let seconds = times.seconds(of: algorithm, units: units(of: algorithm, problem))
    else { return nil }
    return weightsChange ? seconds + (times.weightSeconds[algorithm] ?? 0) : seconds
  }

  // MARK: Measuring

  /// The name under which a layer's times are kept.
  private func name(of layer: ConvolutionLayer) -> String {
    "times of \(layer), \(InstructionSet.used), \(threadCount) threads"
  }

  /// Measures the layers that are not.
  func measure() throws {
    let layers = unmeasured
    var new: [String: ConvolutionTimes] = [:]
    func report() {
      onMeasuring?(
        ConvolutionMeasuring(done: new.count, count: layers.count, times: new.mapValues(\.description)))
    }
    report()
    for layer in layers {
      new[name(of: layer)] = try measuredTimes(of: layer)
      report()
    }
    times.merge(new) { $1 }
  }

  /// An algorithm that is so many times slower than the fastest on a small grid is not measured on the large one.
  private static let hopelessRatio = 2.5

  private func measuredTimes(of layer: ConvolutionLayer) throws -> ConvolutionTimes {
    var times = ConvolutionTimes()
    for (index, problem) in layer.referenceProblems(threadCount: threadCount).enumerated() {
      var candidates = problem.algorithms(instructionSet)
      if index > 1 {
        let expected = candidates.map { times.seconds(of: $0, units: units(of: $0, problem)) ?? 0 }
        let bound = expected.min()! * Self.hopelessRatio
        candidates = zip(candidates, expected).filter { $0.1 <= bound }.map(\.0)
      }
      for trial in try trials(of: candidates, problem) {
        let units = units(of: trial.algorithm, problem)
        times.append(ConvolutionTimes.Point(units: units, seconds: trial.seconds), of: trial.algorithm)
        times.append(weightSeconds: trial.weightSeconds, of: trial.algorithm)
      }
    }
    return times
  }

  private func units(of algorithm: ConvolutionAlgorithm, _ problem: ConvolutionProblem) -> Int {
    problem.units(of: algorithm, instructionSet, threadCount: threadCount)
  }

  /// Algorithms that were timed for a problem; all that are possible where none are given.
  func trials(
    of candidates: [ConvolutionAlgorithm]? = nil, _ problem: ConvolutionProblem
  ) throws -> [ConvolutionTrial] {
    let trials = try (candidates ?? problem.algorithms(instructionSet)).map {
      try ConvolutionTrial($0, problem, threadCount: threadCount)
    }
    // In turn, so that what else the machine does hits all alike.
    for _ in 0..<ConvolutionTrial.mostRuns {
      for trial in trials where !trial.isDone { try trial.run() }
    }
    return trials
  }
}

/// How far measuring the algorithms of convolutions has come.
public struct ConvolutionMeasuring: Sendable {
  /// Layers that are measured, and that shall be.
  public let done, count: Int
  /// What was measured, for `Executor.adopt(measuredChoices:)`.
  public let times: [String: String]
}
