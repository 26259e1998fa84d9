import CPUBackend
import TensorGraph
import Testing

/// What convolutions are said to compute and to move, and what the machine does at most.
@Suite(.serialized) struct RooflineTests {
  /// A convolution of 16 to 16 channels by 3^3 taps on 8^3 voxels.
  private func work(_ algorithm: ConvolutionAlgorithm) throws -> StepWork {
    var builder = GraphBuilder(name: "layer")
    let x = builder.parameter("x", .input, TensorType(.f32, [1, 8, 8, 8, 16]))
    let w = builder.parameter("w", .weight, TensorType(.f32, [3, 3, 3, 16, 16]))
    let axes = Array(repeating: WindowAxis.same(input: 8, kernel: 3, stride: 1), count: 3)
    builder.output("y", try builder.convolution(x, w, ConvolutionWindow(axes)))
    let executor = try CPUExecutor(threadCount: 1, convolutions: .always(algorithm))
    try executor.load(["w": Tensor(TensorType(.f32, [3, 3, 3, 16, 16]), repeating: 0.5)])
    let executable = try executor.compileForCPU(builder.graph)
    let input = Tensor(TensorType(.f32, [1, 8, 8, 8, 16]), repeating: 1)
    let steps = try executable.stepWork(["x": input], runs: 2, try MachinePeak(threads: 1))
    return try #require(steps.first { $0.flops > 0 })
  }

  /// Six multiplications along an axis instead of twelve, for tiles of four.
  @Test(arguments: zip([ConvolutionAlgorithm.direct, .winograd(4, 4, 4)], [1.0, 8]))
  func flopsAreThoseOfTheAlgorithm(_ algorithm: ConvolutionAlgorithm, saving: Double) throws {
    let work = try work(algorithm)
    #expect(work.flops == 2.0 * 512 * 27 * 16 * 16 / saving)
    #expect(work.byteCount >= 4 * (2 * 512 * 16 + 27 * 16 * 16))
    #expect(work.boundSeconds == max(work.productSeconds, work.memorySeconds) && work.seconds > 0)
  }

  @Test func peaksArePlausible() throws {
    let peak = try MachinePeak(threads: 2)
    for flops in [peak.flopsPerSecond, peak.pairFlopsPerSecond ?? peak.flopsPerSecond] {
      #expect(1e9 < flops && flops < 1e12, "\(peak)")
    }
    #expect(1e8 < peak.bytesPerSecond && peak.bytesPerSecond < 1e12, "\(peak)")
  }
}
