import CPUBackend
import Foundation
import TensorGraph
import Testing

@Suite struct MemoryLimitTests {
  /// A convolution with kernels of our own to choose from, over 1 TiB of activations.
  private func hugeGraph() throws -> Graph {
    var builder = GraphBuilder(name: "huge")
    let x = builder.parameter("x", .input, TensorType(.f32, [1, 2048, 2048, 2048, 16]))
    let w = builder.parameter("w", .weight, TensorType(.f32, [3, 3, 3, 16, 16]))
    let window = ConvolutionWindow(Array(repeating: WindowAxis(before: 1, after: 1), count: 3))
    builder.output("y", try builder.convolution(x, w, window))
    return builder.graph
  }

  @Test func refusalComesBeforeMeasuring() throws {
    let executor = try CPUExecutor(threadCount: 1)
    executor.onMeasuring { _ in Issue.record("measures for a graph that does not fit") }
    let before = residentByteCount
    #expect {
      _ = try executor.compile(try hugeGraph())
    } throws: { error in
      guard case ExecutionError.insufficientMemory("huge", let needed, let available) = error else {
        return false
      }
      return needed >= 1 << 40 && available > 0 && available < needed
    }
    #expect(residentByteCount - before < 64 << 20)
    #expect(executor.measuredChoices.isEmpty)
    #expect(executor.arenaByteCount == 0)
  }

  private var residentByteCount: Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    return (Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0) * 4096
  }
}
