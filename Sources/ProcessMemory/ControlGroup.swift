import Glibc

/// The control group of this process and those around it, of either version.
///
/// Source: Linux, Documentation/admin-guide/cgroup-v2.rst and cgroup-v1.
package struct ControlGroup {
  /// Where control groups are mounted.
  private let root: String
  /// The process's groups, of each hierarchy: the controllers, none for version 2, and the path.
  private let memberships: [(controllers: [Substring], path: Substring)]

  /// - Parameters:
  ///   - root: where control groups are mounted.
  ///   - membership: the file that tells the process's, a line "number:controllers:path" for each hierarchy.
  package init(root: String = "/sys/fs/cgroup", membership: String = "/proc/self/cgroup") {
    self.root = root
    let lines = (systemText(membership) ?? "").split(separator: "\n")
    memberships = lines.compactMap { line in
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { return nil }
      return (fields[1].split(separator: ","), fields[2])
    }
  }

  /// The folders of a controller's groups, from the root to the process's own, and whether they are of version 2. A
  /// container may see its own group as the root.
  private func folders(of controller: String) -> [(path: String, isSecondVersion: Bool)] {
    memberships.flatMap { membership -> [(String, Bool)] in
      let isSecondVersion = membership.controllers.isEmpty
      guard isSecondVersion || membership.controllers.contains(Substring(controller)) else { return [] }
      let start = isSecondVersion ? root : root + "/" + controller
      let parts = membership.path.split(separator: "/")
      return (0...parts.count).map { depth in
        (([start] + parts.prefix(depth).map(String.init)).joined(separator: "/"), isSecondVersion)
      }
    }
  }

  /// The least limit in bytes (`memory.max`, `memory.limit_in_bytes`); nil where there is none.
  package var memoryLimit: Int? {
    folders(of: "memory").compactMap { folder, isSecondVersion in
      // "max" is no number.
      Self.firstLine(of: folder + (isSecondVersion ? "/memory.max" : "/memory.limit_in_bytes")).flatMap {
        Int($0)
      }
    }.min()
  }

  /// The least limit in processors (`cpu.max`: "quota period", `cpu.cfs_quota_us`); nil where there is none.
  package var processorLimit: Double? {
    folders(of: "cpu").compactMap { folder, isSecondVersion in
      if isSecondVersion {
        let numbers = (Self.firstLine(of: folder + "/cpu.max") ?? "").split(separator: " ").map { Double($0) }
        return numbers.count == 2 ? Self.processors(numbers[0], numbers[1]) : nil
      }
      func number(_ name: String) -> Double? {
        Self.firstLine(of: folder + "/" + name).flatMap { Double($0) }
      }
      return Self.processors(number("cpu.cfs_quota_us"), number("cpu.cfs_period_us"))
    }.min()
  }

  private static func processors(_ quota: Double?, _ period: Double?) -> Double? {
    guard let quota, let period, quota > 0, period > 0 else { return nil }
    return quota / period
  }

  private static func firstLine(of path: String) -> Substring? { systemText(path)?.prefix { $0 != "\n" } }
}

/// The first 4 KiB of a file that Linux makes up; nil where there is none.
package func systemText(_ path: String) -> String? {
  guard let file = fopen(path, "r") else { return nil }
  defer { fclose(file) }
  var bytes = [UInt8](repeating: 0, count: 4096)
  let count = fread(&bytes, 1, bytes.count, file)
  return String(decoding: bytes.prefix(count), as: UTF8.self)
}
