import ArgumentParser
import CPUBackend
import TensorGraph

/// Options that choose what runs the graphs.
struct DeviceOptions: ParsableArguments {
  @Option(help: "Threads; by default OMP_NUM_THREADS, or else all cores.")
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads) is not possible; take 1 to 1024.")
    }
  }

  @OptionGroup var convolution: ConvolutionOptions

  func executor() throws -> CPUExecutor { try convolution.executor(threadCount: threads) }
}
