import Foundation
import ProcessMemory
import Testing

@Suite struct MemoryLimitTests {
  @Test func whatIsTakenIsNotLeft() {
    #expect(MemoryLimit.available > 0 && MemoryLimit.available < MemoryLimit.byteCount)
    let before = MemoryLimit.available
    let bytes = [UInt8](repeating: 1, count: 256 << 20)
    #expect(before - MemoryLimit.available > 128 << 20)
    withExtendedLifetime(bytes) {}
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
