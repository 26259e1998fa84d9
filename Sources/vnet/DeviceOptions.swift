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

  func validate() throws { try require(threads, "--threads", 1...1024) }

  @OptionGroup var accelerator: AcceleratorOptions
  @OptionGroup var convolution: ConvolutionOptions

  /// - Parameter world: the processes over which graphs average gradients; nil for a process by itself.
  func executor(on world: MPIWorld? = nil) throws -> any Executor { try executors(on: world)() }

  /// Opens the device; all executors that the closure makes share it, and each has weights of its own. Another call opens
  /// it anew: training does so for each fold.
  ///
  /// - Parameter measures: whether algorithms are chosen by measuring; a trained model's masks must not depend on that.
  func executors(on world: MPIWorld? = nil, measures: Bool = true) throws -> () throws -> any Executor {
    var request = accelerator.request
    // The processes of one machine do not share out its accelerators by themselves.
    if world != nil && request.device == .auto && request.plugin == nil { request.device = .cpu }
    let search = PluginSearch()
    switch try request.chosen(search) {
    case .cpu:
      if let plugin = request.unnamedPlugin(search) {
        standardErrorLine("Note: the CPU computes; for the GPU give --plugin \(plugin).")
      }
      guard accelerator.devices == nil else {
        throw ValidationError("--devices is for accelerators; for several CPUs start processes with mpirun.")
      }
      if let tf32 = accelerator.tf32 {
        let option = tf32 ? "--tf32" : "--no-tf32"
        throw ValidationError("\(option) is for GPUs, and the CPU computes here; leave it out.")
      }
      return { try cpuExecutor(on: world, measures: measures) }
    case .accelerator(let path, let kind):
      if let option = givenForCPU.first {
        throw ValidationError(
          "\(option) is for the CPU, and \(path) computes here; give --device cpu, or leave \(option) out.")
      }
      if world?.rank ?? 0 == 0 { standardErrorLine("Note: opening the plugin \(path)") }
      let executors = try acceleratorExecutors(path, kind, request.asked, on: world)
      return executors
    }
  }

  /// The options that were given and only the CPU's own engine has.
  private var givenForCPU: [String] {
    [
      threads == nil ? nil : "--threads", convolution.exactConvolution ? "--exact-convolution" : nil,
      convolution.convolutionAlgorithm == nil ? nil : "--convolution-algorithm",
    ].compactMap { $0 }
  }

  /// The options that were given, for what computes on no device.
  var given: [String] {
    let others = [
      accelerator.device == .auto ? nil : "--device", accelerator.xla ? "--xla" : nil,
      accelerator.plugin == nil ? nil : "--plugin", accelerator.devices == nil ? nil : "--devices",
      accelerator.tf32.map { $0 ? "--tf32" : "--no-tf32" },
    ]
    return givenForCPU + others.compactMap { $0 }
  }

  /// For commands that compute on one device.
  func requireOneDevice() throws {
    guard accelerator.devices ?? 1 == 1 else {
      throw ValidationError(
        "--devices is for training; evaluation and prediction take one device. Leave it out.")
    }
  }

  func cpuExecutor(on world: MPIWorld? = nil, measures: Bool) throws -> CPUExecutor {
    try convolution.executor(
      threadCount: try threadCount(on: world), measures: measures, collectives: world)
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
