import Glibc

/// How much memory this process may take.
package enum MemoryLimit {
  /// In bytes: the machine's memory, or less where the process's address space or a control group is limited.
  static var byteCount: Int {
    let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    return [machine, addressSpace, controlGroup()].compactMap(\.self).min()!
  }

  /// What `ulimit -v` allows; nil where that is everything.
  private static var addressSpace: Int? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return nil }
    return Int(exactly: limit.rlim_cur)
  }

  /// The least limit of the process's control group and of those around it, of either version; nil where there is none.
  ///
  /// Source: Linux, Documentation/admin-guide/cgroup-v2.rst (`memory.max`) and cgroup-v1/memory.rst
  /// (`memory.limit_in_bytes`).
  ///
  /// - Parameters:
  ///   - root: where control groups are mounted.
  ///   - membership: the file that tells the process's, a line "number:controllers:path" for each hierarchy.
  package static func controlGroup(
    root: String = "/sys/fs/cgroup", membership: String = "/proc/self/cgroup"
  ) -> Int? {
    let lines = (text(of: membership) ?? "").split(separator: "\n")
    let limits = lines.flatMap { line -> [Int] in
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { return [] }
      switch (fields[0], fields[1].split(separator: ",").contains("memory")) {
      case ("0", _): return Self.limits("memory.max", in: root, below: fields[2])
      case (_, true): return Self.limits("memory.limit_in_bytes", in: root + "/memory", below: fields[2])
      case (_, false): return []
      }
    }
    return limits.min()
  }

  /// The limits of a group and of all that hold it. A container may see its own group as the root.
  private static func limits(_ name: String, in root: String, below path: Substring) -> [Int] {
    let folders = path.split(separator: "/")
    return (0...folders.count).compactMap { depth in
      let folder = ([root] + folders.prefix(depth).map(String.init)).joined(separator: "/")
      // "max" is no number.
      return text(of: folder + "/" + name).flatMap { Int($0.prefix { $0 != "\n" }) }
    }
  }

  private static func text(of path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}
