import Glibc

/// How much memory this process may take.
public enum MemoryLimit {
  /// In bytes: the machine's memory, or less where the process's address space or a control group is limited.
  public static var byteCount: Int {
    [machine, addressSpace, ControlGroup().memoryLimit].compactMap(\.self).min()!
  }

  /// The bytes that may still be taken: what each limit leaves beside what is taken already, and a reserve for what the program
  /// itself will need. 0 where there is nothing left.
  ///
  /// A limit of the address space counts what is mapped: libraries, stacks, and what the allocator holds. The other limits
  /// count what is resident.
  public static var available: Int {
    let use = ProcessUse()
    let resident = [machine, ControlGroup().memoryLimit].compactMap(\.self).min()! - use.resident
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
}

/// What a process has taken, in bytes.
///
/// Source: Linux, proc_pid_statm(5): pages that are mapped, then pages that are resident.
struct ProcessUse {
  let mapped: Int
  let resident: Int

  /// Of this process; zeros where the system does not tell.
  init() {
    let pages = (systemText("/proc/self/statm") ?? "").split(separator: " ").prefix(2).compactMap { Int($0) }
    let page = sysconf(Int32(_SC_PAGESIZE))
    (mapped, resident) = pages.count == 2 ? (pages[0] * page, pages[1] * page) : (0, 0)
  }
}
