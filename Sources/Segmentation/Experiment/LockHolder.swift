import Foundation

/// The process that holds a lock, as its file tells it.
struct LockHolder: Codable, Equatable {
  let pid: Int32
  let host: String
  /// The machine's or container's name for the space in which the pid counts; empty where it has none.
  let pidNamespace: String
  /// When the process started, in the kernel's clock ticks: another process with its pid started at another time.
  let startTicks: UInt64?
  /// When the lock was taken, for people.
  let since: String

  static var own: LockHolder {
    LockHolder(
      pid: getpid(), host: ProcessInfo.processInfo.hostName, pidNamespace: ownNamespace,
      startTicks: ProcessState(getpid())?.startTicks, since: Date().formatted(.iso8601))
  }

  private static var ownNamespace: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")) ?? ""
  }

  /// - Throws: `SegmentationError.unreadableLock`.
  init(contentsOf path: String) throws {
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw SegmentationError.unreadableLock(path: path) }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    guard let data = try? file.read(upToCount: 4096),
      let holder = try? JSONDecoder().decode(Self.self, from: data)
    else { throw SegmentationError.unreadableLock(path: path) }
    self = holder
  }

  /// Whether this process can tell that the holder is alive or not.
  private var isHere: Bool {
    host == ProcessInfo.processInfo.hostName && pidNamespace == Self.ownNamespace
  }

  /// Whether the process is known to have ended.
  var isGone: Bool {
    guard isHere else { return false }
    if pid <= 0 || (kill(pid, 0) != 0 && errno == ESRCH) { return true }
    guard let state = ProcessState(pid) else { return false }
    return state.hasEnded || (startTicks != nil && state.startTicks != startTicks)
  }

  /// The error of another training in its folder.
  func refusal(_ path: String) -> SegmentationError {
    .folderInUse(path: path, pid: pid, host: host, since: since, isKnown: isHere)
  }
}

extension LockHolder {
  private init(pid: Int32, host: String, pidNamespace: String, startTicks: UInt64?, since: String) {
    (self.pid, self.host, self.pidNamespace) = (pid, host, pidNamespace)
    (self.startTicks, self.since) = (startTicks, since)
  }
}

/// What the kernel tells of a process.
///
/// Source: proc(5), /proc/[pid]/stat.
private struct ProcessState {
  /// Whether it has ended and only waits for its parent to look.
  let hasEnded: Bool
  let startTicks: UInt64

  /// nil where there is none, or it is hidden from this user.
  init?(_ pid: Int32) {
    guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
      let nameEnd = text.lastIndex(of: ")")
    else { return nil }
    // From the third field on: the second, the program's name, may hold anything.
    let fields = text[nameEnd...].dropFirst().split(separator: " ")
    guard fields.count > 19, let ticks = UInt64(fields[19]) else { return nil }
    hasEnded = ["Z", "X"].contains(fields[0])
    startTicks = ticks
  }
}
