/// GPUs that need not be there, in the text form in which XLA's compiler takes them (`GpuTargetConfigProto`).
///
/// Figures: NVIDIA's data sheets and the CUDA C++ Programming Guide, "Technical Specifications per Compute Capability".
struct GPUTarget: CustomStringConvertible, Sendable {
  let description: String
  let capability: (major: Int, minor: Int)
  let coreCount: Int
  let unitsPerCore: Int
  let threadsPerCore: Int
  /// In bytes.
  let sharedMemoryPerCore: Int
  let sharedMemoryPerBlock: Int
  let cacheSize: Int
  let memorySize: Int
  /// In bytes per second.
  let memoryBandwidth: Int
  let clockGHz: Double

  static let h200 = GPUTarget(
    description: "NVIDIA H200", capability: (9, 0), coreCount: 132, unitsPerCore: 128, threadsPerCore: 2048,
    sharedMemoryPerCore: 228 << 10, sharedMemoryPerBlock: 227 << 10, cacheSize: 50 << 20,
    memorySize: 141 << 30, memoryBandwidth: 4_800_000_000_000, clockGHz: 1.98)
  static let a100 = GPUTarget(
    description: "NVIDIA A100", capability: (8, 0), coreCount: 108, unitsPerCore: 64, threadsPerCore: 2048,
    sharedMemoryPerCore: 164 << 10, sharedMemoryPerBlock: 163 << 10, cacheSize: 40 << 20,
    memorySize: 40 << 30, memoryBandwidth: 1_555_000_000_000, clockGHz: 1.41)
  static let t4 = GPUTarget(
    description: "NVIDIA T4", capability: (7, 5), coreCount: 40, unitsPerCore: 64, threadsPerCore: 1024,
    sharedMemoryPerCore: 64 << 10, sharedMemoryPerBlock: 64 << 10, cacheSize: 4 << 20,
    memorySize: 16 << 30, memoryBandwidth: 320_000_000_000, clockGHz: 1.59)

  var text: String {
    """
    gpu_device_info {
      threads_per_block_limit: 1024
      threads_per_warp: 32
      shared_memory_per_block: 49152
      shared_memory_per_block_optin: \(sharedMemoryPerBlock)
      shared_memory_per_core: \(sharedMemoryPerCore)
      threads_per_core_limit: \(threadsPerCore)
      core_count: \(coreCount)
      fpus_per_core: \(unitsPerCore)
      registers_per_core_limit: 65536
      registers_per_block_limit: 65536
      block_dim_limit_x: 2147483647
      block_dim_limit_y: 65535
      block_dim_limit_z: 65535
      memory_bandwidth: \(memoryBandwidth)
      l2_cache_size: \(cacheSize)
      clock_rate_ghz: \(clockGHz)
      device_memory_size: \(memorySize)
      cuda_compute_capability { major: \(capability.major) minor: \(capability.minor) }
    }
    platform_name: "CUDA"
    dnn_version_info { major: 9 minor: 10 patch: 0 }
    device_description_str: "\(description)"
    """
  }
}
