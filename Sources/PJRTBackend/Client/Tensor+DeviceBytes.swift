import TensorGraph

extension Tensor {
  /// Calls `body` with the elements as a device holds them, row-major.
  func withDeviceBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    func stored<Stored>(_ convert: (Float) -> Stored) -> Result {
      elements.map(convert).withUnsafeBytes(body)
    }
    return switch type.dtype {
    case .f32: elements.withUnsafeBytes(body)
    case .bf16: stored { UInt16(truncatingIfNeeded: $0.rounded(to: .bf16).bitPattern >> 16) }
    case .f16: stored { Float16($0) }
    case .i32: stored { Int32(clamping: Int64($0.rounded(to: .i32))) }
    case .bool: stored { $0 == 0 ? 0 as UInt8 : 1 }
    }
  }

  /// Reads elements as a device holds them.
  init(_ type: TensorType, deviceBytes bytes: UnsafeRawBufferPointer) {
    let count = type.shape.elementCount
    func loaded<Stored>(_ stored: Stored.Type, _ convert: (Stored) -> Float) -> [Float] {
      (0..<count).map { convert(bytes.load(fromByteOffset: $0 * MemoryLayout<Stored>.size, as: stored)) }
    }
    let elements =
      switch type.dtype {
      case .f32: loaded(Float.self) { $0 }
      case .bf16: loaded(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
      case .f16: loaded(Float16.self) { Float($0) }
      case .i32: loaded(Int32.self) { Float($0) }
      case .bool: loaded(UInt8.self) { $0 == 0 ? 0 : 1 }
      }
    self.init(type, elements)
  }
}
