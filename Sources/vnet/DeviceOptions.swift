import ArgumentParser
import CPUBackend
import Foundation
import MPICollectives
import PJRTBackend
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

  @OptionGroup var accelerator: AcceleratorOptions
  @OptionGroup var convolution: ConvolutionOptions

  /// - Parameter world: the processes over which graphs average gradients; nil for a process by itself.
  func executor(on world: MPIWorld? = nil) throws -> any Executor { try executors(on: world)() }

  /// Opens the device; all executors that the closure makes share it, and each has weights of its own. Another call opens
  /// it anew: training does so for each fold.
  func executors(on world: MPIWorld? = nil) throws -> () throws -> any Executor {
    var request = accelerator.request
    // The processes of one machine do not share out its accelerators by themselves.
    if world != nil && request.device == .auto && request.plugin == nil { request.device = .cpu }
    switch try request.chosen(PluginSearch()) {
    case .cpu:
      guard accelerator.devices == nil else {
        throw ValidationError("--devices is for accelerators; for several CPUs start processes with mpirun.")
      }
      return { try cpuExecutor(on: world) }
    case .accelerator(let path, let kind):
      let executors = try acceleratorExecutors(path, kind, request.asked, on: world)
      return executors
    }
  }

  /// For commands that compute on one device.
  func requireOneDevice() throws {
    guard accelerator.devices ?? 1 == 1 else {
      throw ValidationError(
        "--devices is for training; evaluation and prediction take one device. Leave it out.")
    }
  }

  func cpuExecutor(on world: MPIWorld? = nil) throws -> CPUExecutor {
    try convolution.executor(threadCount: try threadCount(on: world), collectives: world)
  }

  private func acceleratorExecutors(
    _ path: String, _ kind: Accelerator?, _ asked: Accelerator?, on world: MPIWorld?
  ) throws -> () throws -> PJRTExecutor {
    if let world { return try acceleratorExecutors(path, kind, sharedBy: world) }
    let count = accelerator.devices ?? 1
    let client = try PJRTClient(
      try PJRTPlugin(path: path), settings: kind?.settings(deviceCount: count) ?? [:])
    try client.requirePlatform(of: asked)
    return { try PJRTExecutor(client, deviceCount: count, options: accelerator.options) }
  }

  /// The GPU of this process, the one of its number among the processes of its machine; they find each other through MPI.
  private func acceleratorExecutors(
    _ path: String, _ kind: Accelerator?, sharedBy world: MPIWorld
  ) throws -> () throws -> PJRTExecutor {
    guard kind == .cuda else {
      throw ValidationError("mpirun trains on CPUs and CUDA GPUs; give --device cpu or --device cuda.")
    }
    guard accelerator.devices == nil else {
      throw ValidationError(
        "under mpirun each process takes one GPU; leave --devices out, and start as many processes.")
    }
    let settings = Accelerator.settings(process: world.rank, of: world.count, gpu: world.launch.localRank)
    let client = try PJRTClient(
      try PJRTPlugin(path: path), settings: settings,
      processes: KeyValueStoreBridge(try world.keyValueStore()))
    try client.requirePlatform(of: .cuda)
    let ids = try Replicas(world).gather(client.devices[0].id)
    return { try PJRTExecutor(client, replicaIDs: ids, options: accelerator.options) }
  }

  private func threadCount(on world: MPIWorld?) throws -> Int? {
    guard let world else { return threads }
    let shares = try Replicas(world).gather(CoreShare.own)
    if threads != nil || ProcessInfo.processInfo.environment["OMP_NUM_THREADS"] != nil { return threads }
    return CoreShare.threadCount(rank: world.rank, of: shares)
  }
}
