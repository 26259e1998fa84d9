import CPJRT

/// A program that was compiled, whether or not there is a device for it.
///
/// `@unchecked Sendable`: see `PJRTClient`.
package final class UnloadedProgram: @unchecked Sendable {
  private let plugin: PJRTPlugin
  private let handle: OpaquePointer

  init(_ plugin: PJRTPlugin, _ handle: OpaquePointer) {
    self.plugin = plugin
    self.handle = handle
  }

  deinit { cpjrt_executable_destroy(plugin.api, handle) }

  /// The machine code and all that is needed to load it again.
  package func serialized() throws(PJRTError) -> [UInt8] {
    try received("saving a compiled program", cpjrt_serialize)
  }

  /// The program after all optimisations, a serialised `HloModuleProto`, with its configuration on some platforms.
  package func optimizedProgram() throws(PJRTError) -> [UInt8] {
    try received("reading the optimised program", cpjrt_optimized_program)
  }

  /// Bytes that a run keeps for intermediate results on each device.
  package func temporaryByteCount() throws(PJRTError) -> Int {
    var count: Int64 = 0
    try plugin.check(
      cpjrt_temporary_memory(plugin.api, handle, &count), "reading what memory a program takes")
    return Int(count)
  }

  /// The bytes with which a function calls back.
  private func received(
    _ operation: String,
    _ read: (
      OpaquePointer?, OpaquePointer?, (@convention(c) (UnsafeMutableRawPointer?, cpjrt_text) -> Void)?,
      UnsafeMutableRawPointer?
    ) -> OpaquePointer?
  ) throws(PJRTError) -> [UInt8] {
    var bytes: [UInt8] = []
    let error = withUnsafeMutablePointer(to: &bytes) { target in
      read(
        plugin.api, handle,
        { context, text in
          let received = UnsafeRawBufferPointer(start: text.bytes, count: text.count)
          context!.assumingMemoryBound(to: [UInt8].self).pointee = Array(received)
        }, target)
    }
    try plugin.check(error, operation)
    return bytes
  }
}
