import Foundation
import PJRTBackend
import TensorGraph
import Testing

/// When a compiled program that was kept serves again.
@Suite(.enabled(if: CPUPlugin.isThere, CPUPlugin.whereToGetIt)) struct ExecutableCacheTests {
  /// A convolution whose result is averaged over replicas: its program depends on all options.
  private func graph(_ dtype: DType) throws -> Graph {
    var builder = GraphBuilder(name: "convolution")
    let x = builder.parameter("x", .input, TensorType(dtype, [1, 2, 2, 2, 1]))
    let w = builder.parameter("w", .weight, TensorType(dtype, [1, 1, 1, 1, 1]))
    let y = try builder.convolution(x, w, ConvolutionWindow([WindowAxis(), WindowAxis(), WindowAxis()]))
    builder.output("mean", try builder.apply(.allReduceMean, y))
    return builder.graph
  }

  /// Compiles with a cache; returns the names of the files that are then there.
  private func compile(
    _ folder: String, _ dtype: DType = .f32, devices: Int = 1, allowsTF32: Bool = true
  ) throws -> [String] {
    let options = PJRTOptions(allowsTF32: allowsTF32, cache: ExecutableCache(folder: folder))
    let executor = try PJRTExecutor(try CPUPlugin.client(), deviceCount: devices, options: options)
    _ = try executor.compile(try graph(dtype))
    return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  @Test func otherOptionsAreOtherPrograms() throws {
    try withTemporaryFolder { (folder: String) throws in
      #expect(try compile(folder).count == 1)
      #expect(try compile(folder, allowsTF32: false).count == 2)
      #expect(try compile(folder, devices: 2).count == 3)
      #expect(try compile(folder, .bf16).count == 4)
      // All of them again.
      for allowsTF32 in [true, false] { #expect(try compile(folder, allowsTF32: allowsTF32).count == 4) }
      #expect(try compile(folder, devices: 2).count == 4)
      #expect(try compile(folder, .bf16).count == 4)
    }
  }

  /// Files are replaced whole: one that was written anew has another number.
  @Test func whatWasKeptIsNotWrittenAnew() throws {
    try withTemporaryFolder { folder in
      let names = try compile(folder)
      #expect(names.count == 1)
      let path = folder + "/" + names[0]
      func fileNumber() throws -> String {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return String(describing: try #require(attributes[.systemFileNumber]))
      }
      let first = try fileNumber()
      #expect(try compile(folder) == names)
      #expect(try fileNumber() == first)
    }
  }
}
