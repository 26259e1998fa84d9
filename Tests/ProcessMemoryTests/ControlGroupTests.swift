import Foundation
import ProcessMemory
import Testing

@Suite struct ControlGroupTests {
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
      #expect(ControlGroup(root: root, membership: root + "/membership").memoryLimit == 4_096_000)
    }
  }

  @Test func firstVersionHasAHierarchyForMemory() throws {
    let files = [
      "membership": "5:devices:/\n4:hugetlb,memory:/a\n0::/\n",
      "memory/memory.limit_in_bytes": "9223372036854771712\n",
      "memory/a/memory.limit_in_bytes": "1048576\n", "a/memory.max": "1\n",
    ]
    try withFiles(files) { root in
      #expect(ControlGroup(root: root, membership: root + "/membership").memoryLimit == 1_048_576)
    }
  }

  @Test func withoutGroupsThereIsNoLimit() throws {
    try withFiles(["membership": "0::/a:b\n"]) { root in
      for name in ["membership", "missing"] {
        let group = ControlGroup(root: root, membership: root + "/" + name)
        #expect(group.memoryLimit == nil && group.processorLimit == nil)
      }
    }
  }

  // MARK: Processors

  @Test func leastShareOfProcessorsHolds() throws {
    let files = [
      "membership": "0::/a/b\n", "cpu.max": "max 100000\n", "a/cpu.max": "150000 100000\n",
      "a/b/cpu.max": "400000 100000\n",
    ]
    try withFiles(files) { root in
      #expect(ControlGroup(root: root, membership: root + "/membership").processorLimit == 1.5)
    }
  }

  @Test func firstVersionTellsQuotaAndPeriodApart() throws {
    let files = [
      "membership": "3:cpu,cpuacct:/a\n", "cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n",
      "cpu/a/cpu.cfs_quota_us": "50000\n", "cpu/a/cpu.cfs_period_us": "100000\n",
    ]
    try withFiles(files) { root in
      #expect(ControlGroup(root: root, membership: root + "/membership").processorLimit == 0.5)
    }
  }
}
