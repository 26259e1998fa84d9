import CPJRT
import TensorGraph

/// A tensor on a device. A program that takes it as donated uses its memory up; it then may only be let go.
///
/// `@unchecked Sendable`: see `PJRTClient`.
final class PJRTBuffer: @unchecked Sendable {
  let type: TensorType
  let handle: OpaquePointer
  private let client: PJRTClient

  init(_ client: PJRTClient, _ handle: OpaquePointer, _ type: TensorType) {
    self.client = client
    self.handle = handle
    self.type = type
  }

  /// Copies a tensor onto a device. The copy is complete before any program reads it.
  convenience init(_ tensor: Tensor, on device: PJRTDevice, of client: PJRTClient) throws(PJRTError) {
    let extents = tensor.shape.extents.map { Int64($0) }
    var buffer: OpaquePointer?
    let error = tensor.withDeviceBytes { bytes in
      cpjrt_buffer_upload(
        client.plugin.api, client.handle, device.handle, bytes.baseAddress, tensor.type.dtype.element,
        extents, extents.count, &buffer)
    }
    try client.plugin.check(error, "copying \(tensor.type) onto the device")
    self.init(client, buffer!, tensor.type)
  }

  deinit { cpjrt_buffer_destroy(client.plugin.api, handle) }

  /// A copy on the host, once the program that computes the tensor is done.
  /// - Throws: `PJRTError.failed`, also when that program failed.
  func tensor() throws -> Tensor { try startCopy()() }

  /// Starts a copy to the host; the closure, which may be called once, waits for it.
  func startCopy() throws(PJRTError) -> () throws -> Tensor {
    let copy = HostCopy(byteCount: type.byteCount)
    let error = cpjrt_buffer_download(
      client.plugin.api, handle, type.shape.rank, copy.memory.baseAddress, type.byteCount, &copy.event)
    try client.plugin.check(error, "copying \(type) from the device")
    copy.plugin = client.plugin
    return { [self] in
      try client.plugin.check(copy.awaited(), "computing \(type)")
      return Tensor(type, readingFrom: copy.memory.baseAddress!)
    }
  }
}

/// Memory that a device writes to until an event; nobody lets go of it before.
private final class HostCopy {
  let memory: UnsafeMutableRawBufferPointer
  var event: OpaquePointer?
  var plugin: PJRTPlugin?

  init(byteCount: Int) {
    memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, byteCount), alignment: 8)
  }

  /// Waits for the event, if there is one; returns its error.
  func awaited() -> OpaquePointer? {
    guard let event, let plugin else { return nil }
    self.event = nil
    return cpjrt_await(plugin.api, event)
  }

  deinit {
    if let error = awaited() { cpjrt_error_destroy(plugin!.api, error) }
    memory.deallocate()
  }
}

extension DType {
  fileprivate var element: cpjrt_element {
    switch self {
    case .f32: CPJRT_F32
    case .bf16: CPJRT_BF16
    case .f16: CPJRT_F16
    case .i32: CPJRT_S32
    case .bool: CPJRT_PRED
    }
  }
}
