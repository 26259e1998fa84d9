import ArgumentParser
import CPUBackend
import Foundation
import MPICollectives
import Segmentation
import TensorGraph

/// Options that choose what runs the graphs.
struct DeviceOptions: ParsableArguments {
  @Option(
    help:
      "Threads; by default OMP_NUM_THREADS, or else all cores, shared evenly by the processes of a machine.")
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads) is not possible; take 1 to 1024.")
    }
  }

  @OptionGroup var convolution: ConvolutionOptions

  /// - Parameter world: the processes over which graphs average gradients; nil for a process by itself.
  func executor(on world: MPIWorld? = nil) throws -> CPUExecutor {
    try convolution.executor(threadCount: try threadCount(on: world), collectives: world)
  }

  private func threadCount(on world: MPIWorld?) throws -> Int? {
    guard let world else { return threads }
    let shares = try Replicas(world).gather(CoreShare.own)
    if threads != nil || ProcessInfo.processInfo.environment["OMP_NUM_THREADS"] != nil { return threads }
    return CoreShare.threadCount(rank: world.rank, of: shares)
  }
}
