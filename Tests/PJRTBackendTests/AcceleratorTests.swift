import PJRTBackend
import Testing

@Suite struct AcceleratorTests {
  @Test func aPluginsNameTellsItsKind() {
    #expect(Accelerator(pluginPath: "/a/xla_cuda_plugin.so") == .cuda)
    #expect(Accelerator(pluginPath: "/cuda/libtpu.so") == .tpu)
    #expect(Accelerator(pluginPath: "xla_cpu_pjrt.so") == .xlaCPU)
    #expect(Accelerator(pluginPath: "/cpu/plugin.so") == nil)
  }

  @Test func settingsOfferTheDevices() {
    #expect(Accelerator.cuda.settings(deviceCount: 2) == ["visible_devices": .integers([0, 1])])
    #expect(Accelerator.xlaCPU.settings(deviceCount: 2) == ["cpu_device_count": .integer(2)])
    #expect(
      Accelerator.settings(process: 5, of: 8, gpu: 1)
        == ["visible_devices": .integers([1]), "node_id": .integer(5), "num_nodes": .integer(8)])
  }

  /// Divided tuning would make processes wait for each other: see `XLAFlags`.
  @Test func processesTuneByThemselves() {
    #expect(XLAFlags.flags(platform: "cuda")["xla_gpu_shard_autotuning"] == .flag(false))
  }

  @Test(.enabled(if: CPUPlugin.isThere, CPUPlugin.whereToGetIt))
  func anotherPlatformIsRefused() throws {
    let client = try CPUPlugin.client()
    try client.requirePlatform(of: nil)
    try client.requirePlatform(of: .xlaCPU)
    #expect(throws: PJRTError.wrongPlatform(path: client.plugin.path, asked: "cuda", found: "cpu")) {
      try client.requirePlatform(of: .cuda)
    }
  }

  @Test func fullMemoryHasARemedy() {
    let full = PJRTError.failed(operation: "a run", message: "RESOURCE_EXHAUSTED: Out of memory")
    #expect(full.description.contains("--batch-size"))
    #expect(!PJRTError.failed(operation: "a run", message: "INTERNAL").description.contains("--batch-size"))
  }
}
