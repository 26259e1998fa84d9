import CMPI
import TensorGraph

/// The processes that one mpirun started, joined by Open MPI. A process joins once, and calls from one thread;
/// only the key-value store may be called from any.
public final class MPIWorld: Collectives {
  /// Where the dynamic loader finds it: by LD_LIBRARY_PATH, in the program's own run path, among the system's libraries. What
  /// else the environment names is not opened.
  private static let libraryName = "libmpi.so.40"

  public let launch: MPILaunch
  public let rank: Int
  public let count: Int
  private let hasThreads: Bool
  private var store: MPIKeyValueStore?

  /// Joins the other processes, and waits until all have.
  /// - Throws: `MPIError` when the library is missing or refuses.
  public init(_ launch: MPILaunch) throws(MPIError) {
    self.launch = launch
    try Self.openLibrary(Self.libraryName)
    var (rank, count): (Int32, Int32) = (0, 0)
    var hasThreads = false
    try check(cmpi_initialize(&rank, &count, &hasThreads), "MPI_Init_thread")
    self.hasThreads = hasThreads
    self.rank = Int(rank)
    self.count = Int(count)
  }

  package static func openLibrary(_ name: String) throws(MPIError) {
    if let reason = cmpi_open(name) { throw .noLibrary(reason: String(cString: reason)) }
  }

  /// The file of the library that was opened.
  public var libraryPath: String { cmpi_library_path().map { String(cString: $0) } ?? Self.libraryName }

  /// Leaves the others; the last call of a process that did its work.
  public func leave() {
    // Nobody asks the first process for keys any more once all have come here.
    if store != nil { _ = try? gather([]) }
    store?.close()
    _ = cmpi_finalize()
  }

  /// Keys and values that all processes see; all call this at once.
  /// - Throws: `MPIError.noThreads` where the library does not allow several threads to call it.
  public func keyValueStore() throws(MPIError) -> MPIKeyValueStore {
    if let store { return store }
    guard hasThreads else { throw .noThreads }
    let store = try MPIKeyValueStore(rank: rank)
    self.store = store
    return store
  }

  /// Ends all processes at once.
  public func abort(status: Int32) { cmpi_abort(status) }

  // MARK: Collectives

  public func startSum(
    _ address: UnsafeMutableRawPointer, count: Int, _ dtype: DType
  ) throws -> any PendingSum {
    guard count <= Int32.max else {
      throw MPIError.tooLarge(operation: "MPI_Iallreduce", byteCount: count * dtype.byteCount)
    }
    var request: cmpi_request?
    try check(cmpi_start_sum(address, Int32(count), dtype.element, &request), "MPI_Iallreduce")
    return Request(request)
  }

  public func broadcast(_ bytes: [UInt8]) throws -> [UInt8] {
    var size = UInt64(bytes.count)
    try check(cmpi_broadcast(&size, Int32(MemoryLayout<UInt64>.size)), "MPI_Bcast")
    var result = rank == 0 ? bytes : [UInt8](repeating: 0, count: Int(size))
    try result.withUnsafeMutableBytes { buffer in
      // One call counts up to 2^31 - 1 bytes.
      for start in stride(from: 0, to: buffer.count, by: 1 << 30) {
        let count = min(1 << 30, buffer.count - start)
        try check(cmpi_broadcast(buffer.baseAddress! + start, Int32(count)), "MPI_Bcast")
      }
    }
    return result
  }

  public func gather(_ bytes: [UInt8]) throws -> [[UInt8]] {
    var size = UInt64(bytes.count)
    var sizes = [UInt64](repeating: 0, count: count)
    try check(cmpi_gather(&size, Int32(MemoryLayout<UInt64>.size), &sizes), "MPI_Allgather")
    // One call counts up to 2^31 - 1 bytes in all.
    let partLimit = Self.gatherLimit / count
    var result = sizes.map { _ in [UInt8]() }
    for start in stride(from: 0, to: Int(sizes.max() ?? 0), by: partLimit) {
      let counts = sizes.map { Int32(min(max(Int($0) - start, 0), partLimit)) }
      let offsets = counts.indices.map { counts[..<$0].reduce(0, +) }
      var parts = [UInt8](repeating: 0, count: Int(counts.reduce(0, +)))
      let own = Array(bytes.dropFirst(start).prefix(partLimit))
      try check(cmpi_gather_parts(own, Int32(own.count), &parts, counts, offsets), "MPI_Allgatherv")
      for rank in sizes.indices {
        result[rank] += parts[Int(offsets[rank])..<Int(offsets[rank] + counts[rank])]
      }
    }
    return result
  }

  /// Bytes that one call gathers in all.
  private static let gatherLimit = 1 << 30
}

/// A sum under way in MPI.
private final class Request: PendingSum {
  private var handle: cmpi_request?

  init(_ handle: cmpi_request?) { self.handle = handle }

  func progress() throws -> Bool {
    var isComplete: Int32 = 0
    try check(cmpi_test(&handle, &isComplete), "MPI_Test")
    return isComplete != 0
  }

  func wait() throws { try check(cmpi_wait(&handle), "MPI_Wait") }
}

extension DType {
  fileprivate var element: cmpi_element {
    switch self {
    case .f32: CMPI_FLOAT
    case .bf16: CMPI_BFLOAT16
    case .f16: CMPI_FLOAT16
    case .i32, .bool: preconditionFailure("sums over replicas are of floating-point dtypes")
    }
  }
}
