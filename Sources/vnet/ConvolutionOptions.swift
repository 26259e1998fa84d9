import ArgumentParser
import CPUBackend
import Foundation
import TensorGraph

/// Options that choose how the CPU computes convolutions.
struct ConvolutionOptions: ParsableArguments {
  @Flag(
    help: "Compute convolutions on the CPU by the direct algorithm only, whose rounding errors are least.")
  var exactConvolution = false

  @Option(
    help: ArgumentHelp(
      "The algorithm of convolutions on the CPU, wherever it is possible, instead of the fastest: "
        + ConvolutionAlgorithm.all.map { "\"\($0)\"" }.joined(separator: ", ") + ".",
      valueName: "name"))
  var convolutionAlgorithm: ConvolutionAlgorithm?

  func validate() throws {
    guard !exactConvolution || convolutionAlgorithm == nil else {
      throw ValidationError("give either --exact-convolution or --convolution-algorithm.")
    }
  }

  /// An executor that remembers what it measured, from one process to the next; one that may not measure knows nothing
  /// of that, so that its choices are those of the model's record alone.
  ///
  /// - Parameters:
  ///   - measures: whether algorithms are measured where none was chosen.
  ///   - collectives: the replicas over which graphs average gradients; nil where there is one.
  func executor(threadCount: Int?, measures: Bool, collectives: (any Collectives)?) throws -> CPUExecutor {
    let given = exactConvolution ? .exact : convolutionAlgorithm.map { ConvolutionPolicy.always($0) }
    let policy = given ?? (measures ? .fastest : .recorded)
    let executor = try CPUExecutor(threadCount: threadCount, convolutions: policy, collectives: collectives)
    guard case .fastest = policy else { return executor }
    let memory = ConvolutionMemory(executor)
    executor.adopt(measuredChoices: memory.times)
    if collectives?.rank ?? 0 == 0 {
      let notice = MeasuringNotice()
      executor.onMeasuring { measuring in
        notice.show(measuring.done, of: measuring.count)
        if measuring.done == measuring.count { memory.keep(measuring.times) }
      }
    }
    return executor
  }
}

extension ConvolutionAlgorithm: ExpressibleByArgument {
  public init?(argument: String) { self.init(description: argument) }
}
