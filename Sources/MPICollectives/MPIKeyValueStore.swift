import CMPI
import Foundation
import Synchronization
import TensorGraph

/// Keys and values that lie with the first process: a thread of it answers the others' messages.
///
/// A request is a message with `requestTag`: 'p' or 'g', the tag of its reply, the length of the key (both 32 bits),
/// the key and, to put, the value. Every request gets a reply at once: 1 and the value, or 0 where there is none.
public final class MPIKeyValueStore: KeyValueStore {
  private static let requestTag: Int32 = 1
  private static let replyTags: Range<UInt32> = 2..<32_000
  private static let put = UInt8(ascii: "p")
  private static let get = UInt8(ascii: "g")
  private static let headerSize = 9
  private static let serverPause: UInt32 = 200  // microseconds

  private let isServer: Bool
  /// All keys, where this is the first process.
  private let values = Mutex<[String: [UInt8]]>([:])
  private let replyCount = Atomic<UInt32>(0)
  private let isClosing = Atomic(false)
  private let serverHasEnded = DispatchSemaphore(value: 0)

  /// All processes make theirs at once.
  init(rank: Int) throws(MPIError) {
    isServer = rank == 0
    try check(cmpi_open_messages(), "MPI_Comm_dup")
    guard isServer else { return }
    Thread.detachNewThread { [self] in
      while !isClosing.load(ordering: .acquiring) {
        if !answer() { usleep(Self.serverPause) }
      }
      serverHasEnded.signal()
    }
  }

  /// Ends the thread that answers, after which no process may ask.
  func close() {
    guard isServer else { return }
    isClosing.store(true, ordering: .releasing)
    serverHasEnded.wait()
  }

  // MARK: KeyValueStore

  public func put(_ key: String, _ value: [UInt8]) throws {
    if isServer { return values.withLock { $0[key] = value } }
    _ = try ask(Self.put, key, value)
  }

  public func value(_ key: String) throws -> [UInt8]? {
    if isServer { return values.withLock { $0[key] } }
    return try ask(Self.get, key, [])
  }

  public func value(_ key: String, waitingFor time: Duration) throws -> [UInt8]? {
    let clock = ContinuousClock()
    let end = clock.now + time
    var pause: UInt32 = 1000  // microseconds
    while true {
      if let value = try value(key) { return value }
      guard clock.now < end else { return nil }
      usleep(pause)
      pause = min(2 * pause, 50_000)
    }
  }

  // MARK: Messages

  private func ask(_ kind: UInt8, _ key: String, _ value: [UInt8]) throws -> [UInt8]? {
    let number = replyCount.wrappingAdd(1, ordering: .relaxed).oldValue
    let tag = Self.replyTags.lowerBound + number % UInt32(Self.replyTags.count)
    let name = Array(key.utf8)
    let request = [kind] + tag.bytes + UInt32(name.count).bytes + name + value
    try check(cmpi_send(request, Int32(request.count), 0, Self.requestTag), "MPI_Send")
    var count: Int32 = 0
    try check(cmpi_await_message(0, Int32(tag), &count), "MPI_Probe")
    var reply = [UInt8](repeating: 0, count: Int(count))
    try check(cmpi_receive(&reply, count, 0, Int32(tag)), "MPI_Recv")
    return reply.first == 1 ? Array(reply.dropFirst()) : nil
  }

  /// Answers one request, if there is one. An error of MPI ends the process, as MPI does by default.
  private func answer() -> Bool {
    var (isThere, process, count): (Bool, Int32, Int32) = (false, 0, 0)
    guard cmpi_find_message(Self.requestTag, &isThere, &process, &count) == 0, isThere else { return false }
    var request = [UInt8](repeating: 0, count: Int(count))
    guard cmpi_receive(&request, count, process, Self.requestTag) == 0 else { return false }
    let tag = UInt32(bytes: request[1..<5])
    let keyEnd = Self.headerSize + Int(UInt32(bytes: request[5..<9]))
    let key = String(decoding: request[Self.headerSize..<keyEnd], as: UTF8.self)
    if request[0] == Self.put { values.withLock { $0[key] = Array(request[keyEnd...]) } }
    let value = request[0] == Self.get ? values.withLock { $0[key] } : []
    let reply = value.map { [1] + $0 } ?? [0]
    _ = cmpi_send(reply, Int32(reply.count), process, Int32(tag))
    return true
  }
}

extension UInt32 {
  /// Four bytes, the least significant first.
  fileprivate var bytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: self >> (8 * UInt32($0))) } }

  fileprivate init(bytes: ArraySlice<UInt8>) { self = bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) } }
}
