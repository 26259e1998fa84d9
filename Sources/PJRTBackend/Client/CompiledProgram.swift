import CPJRT
import TensorGraph

/// A program that was compiled and brought onto devices, one replica on each.
///
/// `@unchecked Sendable`: see `PJRTClient`.
final class CompiledProgram: @unchecked Sendable {
  private let client: PJRTClient
  private let handle: OpaquePointer

  private init(_ client: PJRTClient, _ handle: OpaquePointer) {
    self.client = client
    self.handle = handle
  }

  deinit { cpjrt_loaded_executable_destroy(client.plugin.api, handle) }

  /// Compiles a StableHLO module.
  convenience init(_ code: String, _ options: CompileOptions, on client: PJRTClient) throws(PJRTError) {
    var executable: OpaquePointer?
    let error = withTexts(Array(code.utf8), options.serialized) { code, options in
      cpjrt_compile(client.plugin.api, client.handle, code, options, &executable)
    }
    try client.plugin.check(error, "compilation")
    self.init(client, executable!)
  }

  /// Brings back what `serialized` gave, onto the devices that it was compiled for.
  convenience init(serialized bytes: [UInt8], on client: PJRTClient) throws(PJRTError) {
    var executable: OpaquePointer?
    let error = withTexts(bytes, []) { bytes, _ in
      cpjrt_load(client.plugin.api, client.handle, bytes, &executable)
    }
    try client.plugin.check(error, "loading a compiled program")
    self.init(client, executable!)
  }

  /// The machine code and all that is needed to load it again.
  func serialized() throws(PJRTError) -> [UInt8] { try compiled().serialized() }

  /// Bytes that a run keeps for intermediate results on each device.
  func temporaryByteCount() throws(PJRTError) -> Int { try compiled().temporaryByteCount() }

  private func compiled() throws(PJRTError) -> UnloadedProgram {
    var executable: OpaquePointer?
    try client.plugin.check(
      cpjrt_get_executable(client.plugin.api, handle, &executable), "reading a compiled program")
    return UnloadedProgram(client.plugin, executable!)
  }

  /// Starts one run on all devices.
  ///
  /// - Parameters:
  ///   - arguments: for each device its tensors.
  ///   - types: of the results.
  ///   - waits: returns only when all devices are done.
  /// - Returns: for each device its results, which may still be under way.
  func run(
    _ arguments: [[PJRTBuffer]], results types: [TensorType], waits: Bool
  ) throws(PJRTError) -> [[PJRTBuffer]] {
    let inputs = HandleTable(arguments.map { $0.map { $0.handle } })
    let outputs = HandleTable(arguments.map { _ in Array(repeating: nil, count: types.count) })
    var events = [OpaquePointer?](repeating: nil, count: arguments.count)
    let error = events.withUnsafeMutableBufferPointer { events in
      cpjrt_execute(
        client.plugin.api, handle, arguments.count, inputs.constantRows, arguments[0].count, outputs.rows,
        waits ? events.baseAddress : nil)
    }
    // The plugin reads the buffers during the call alone.
    withExtendedLifetime(arguments) {}
    try client.plugin.check(error, "starting a run")
    let results = outputs.handles.map { handles in
      zip(handles, types).map { PJRTBuffer(client, $0!, $1) }
    }
    // All are awaited, whatever the first one says.
    let errors = events.compactMap { $0 }.map { event in
      Result { () throws(PJRTError) in
        try client.plugin.check(cpjrt_await(client.plugin.api, event), "a run")
      }
    }
    for error in errors { try error.get() }
    return results
  }
}

/// Rows of handles in C's form: an array of arrays.
private struct HandleTable: ~Copyable {
  private let cells: UnsafeMutableBufferPointer<OpaquePointer?>
  private let starts: UnsafeMutableBufferPointer<UnsafeMutablePointer<OpaquePointer?>?>
  private let width: Int

  init(_ table: [[OpaquePointer?]]) {
    width = table[0].count
    // At least one cell, so that there is an address.
    cells = .allocate(capacity: max(1, table.count * width))
    starts = .allocate(capacity: table.count)
    cells.initialize(repeating: nil)
    for (index, row) in table.enumerated() {
      starts[index] = cells.baseAddress! + index * width
      for (column, handle) in row.enumerated() { cells[index * width + column] = handle }
    }
  }

  deinit {
    cells.deallocate()
    starts.deallocate()
  }

  var rows: UnsafeMutablePointer<UnsafeMutablePointer<OpaquePointer?>?> { starts.baseAddress! }

  var constantRows: UnsafePointer<UnsafePointer<OpaquePointer?>?> {
    UnsafeRawPointer(rows).assumingMemoryBound(to: UnsafePointer<OpaquePointer?>?.self)
  }

  var handles: [[OpaquePointer?]] {
    starts.indices.map { row in (0..<width).map { cells[row * width + $0] } }
  }
}

/// Calls `body` with bytes in C's form.
func withTexts<Result>(
  _ first: [UInt8], _ second: [UInt8], _ body: (cpjrt_text, cpjrt_text) -> Result
) -> Result {
  first.withUnsafeBytes { first in
    second.withUnsafeBytes { second in body(cpjrt_text(first), cpjrt_text(second)) }
  }
}

extension cpjrt_text {
  fileprivate init(_ bytes: UnsafeRawBufferPointer) {
    self.init(bytes: bytes.baseAddress?.assumingMemoryBound(to: CChar.self), count: bytes.count)
  }
}
