import Glibc

/// How much memory this process may take.
enum MemoryLimit {
  /// In bytes: the machine's memory, or less where the process's address space or a control group is limited.
  static var byteCount: Int {
    let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    return [machine, addressSpace, ControlGroup().memoryLimit].compactMap(\.self).min()!
  }

  /// What `ulimit -v` allows; nil where that is everything.
  private static var addressSpace: Int? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return nil }
    return Int(exactly: limit.rlim_cur)
  }
}
