import Glibc

/// How much memory this process may take.
public enum MemoryLimit {
  /// In bytes: the machine's memory, or less where the process's address space or a control group is limited.
  public static var byteCount: Int {
    [machine, addressSpace, controlGroup()].compactMap(\.self).min()!
  }

  /// The bytes that may still be taken: what each limit leaves beside what is taken already, and a reserve for what the program
  /// itself will need. 0 where there is nothing left.
  ///
  /// A limit of the address space counts what is mapped: libraries, stacks, and what the allocator holds. The other limits
  /// count what is resident.
  public static var available: Int {
    let use = ProcessUse()
    let resident = [machine, controlGroup()].compactMap(\.self).min()! - use.resident
    let mapped = addressSpace.map { $0 - use.mapped }
    return max(0, min(resident, mapped ?? .max) - reserve)
  }

  /// What a program takes beside what its parts ask for here: compiled kernels, file buffers, the allocator's rounding. Measured:
  /// a training step of 64^3 voxels takes 40 MiB more than its plan.
  static let reserve = 64 << 20

  /// The address space of a thread's stack, in bytes: what `ulimit -s` says, as the system's threads take it.
  public static var threadStack: Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_STACK.rawValue), &limit) == 0 else { return 8 << 20 }
    return Int(exactly: limit.rlim_cur) ?? 8 << 20
  }

  private static var machine: Int { sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) }

  /// What `ulimit -v` allows; nil where that is everything.
  public static var addressSpace: Int? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return nil }
    return Int(exactly: limit.rlim_cur)
  }

  /// Where the address space is limited, lets all threads allocate from one arena: each of the allocator's others takes
  /// 64 MiB of it as soon as a thread asks for a byte.
  ///
  /// Source: glibc, `mallopt(3)`, `M_ARENA_MAX`, which its module for Swift leaves out; other C libraries have no such arenas.
  public static func spareAddressSpace() {
    guard addressSpace != nil, let address = dlsym(nil, "mallopt") else { return }
    let mallopt = unsafeBitCast(address, to: (@convention(c) (Int32, Int32) -> Int32).self)
    let arenaMaximum: Int32 = -8
    _ = mallopt(arenaMaximum, 1)
  }

  /// The least limit of the process's control group and of those around it, of either version; nil where there is none.
  ///
  /// Source: Linux, Documentation/admin-guide/cgroup-v2.rst (`memory.max`) and cgroup-v1/memory.rst
  /// (`memory.limit_in_bytes`).
  ///
  /// - Parameters:
  ///   - root: where control groups are mounted.
  ///   - membership: the file that tells the process's, a line "number:controllers:path" for each hierarchy.
  public static func controlGroup(
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
}

/// What a process has taken, in bytes.
///
/// Source: Linux, proc_pid_statm(5): pages that are mapped, then pages that are resident.
struct ProcessUse {
  let mapped: Int
  let resident: Int

  /// Of this process; zeros where the system does not tell.
  init() {
    let pages = (text(of: "/proc/self/statm") ?? "").split(separator: " ").prefix(2).compactMap { Int($0) }
    let page = sysconf(Int32(_SC_PAGESIZE))
    (mapped, resident) = pages.count == 2 ? (pages[0] * page, pages[1] * page) : (0, 0)
  }
}

/// A short file's text; nil where it cannot be read.
private func text(of path: String) -> String? {
  guard let file = fopen(path, "r") else { return nil }
  defer { fclose(file) }
  var bytes = [UInt8](repeating: 0, count: 4096)
  let count = fread(&bytes, 1, bytes.count, file)
  return String(decoding: bytes.prefix(count), as: UTF8.self)
}
