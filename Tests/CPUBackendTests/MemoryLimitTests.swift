import CPUBackend
import Foundation
import TensorGraph
import Testing

@Suite struct MemoryLimitTests {
  // MARK: Refusals

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

  // MARK: Control groups

  /// Makes a folder with files of the given texts, by path.
  private func withFiles(_ files: [String: String], _ body: (String) -> Void) throws {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("cgroup-\(UUID())")
    defer { try? FileManager.default.removeItem(at: root) }
    for (path, text) in files {
      let file = root.appendingPathComponent(path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    body(root.path)
  }

  @Test func leastLimitOfTheGroupsAroundHolds() throws {
    let files = [
      "membership": "0::/a/b\n", "memory.max": "max\n", "a/memory.max": "4096000\n",
      "a/b/memory.max": "8192000\n",
    ]
    try withFiles(files) { root in
      #expect(MemoryLimit.controlGroup(root: root, membership: root + "/membership") == 4_096_000)
    }
  }

  @Test func firstVersionHasAHierarchyForMemory() throws {
    let files = [
      "membership": "5:devices:/\n4:hugetlb,memory:/a\n0::/\n",
      "memory/memory.limit_in_bytes": "9223372036854771712\n",
      "memory/a/memory.limit_in_bytes": "1048576\n", "a/memory.max": "1\n",
    ]
    try withFiles(files) { root in
      #expect(MemoryLimit.controlGroup(root: root, membership: root + "/membership") == 1_048_576)
    }
  }

  @Test func withoutGroupsThereIsNoLimit() throws {
    try withFiles(["membership": "0::/a:b\n"]) { root in
      #expect(MemoryLimit.controlGroup(root: root, membership: root + "/membership") == nil)
      #expect(MemoryLimit.controlGroup(root: root, membership: root + "/missing") == nil)
    }
  }
}
