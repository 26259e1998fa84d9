import TensorGraph

extension Tensor {
  /// Calls `body` with the elements as a device holds them, row-major.
  func withDeviceBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    if type.dtype == .f32 { return elements.withUnsafeBytes(body) }
    let bytes = [UInt8](unsafeUninitializedCapacity: type.byteCount) { bytes, initialized in
      if let address = bytes.baseAddress { write(to: address) }
      initialized = type.byteCount
    }
    return bytes.withUnsafeBytes(body)
  }
}
