/// Tensors as devices hold them: row-major, each element in its dtype's own format, integers little-endian as this
/// machine has them.
extension Tensor {
  /// Writes the elements, each rounded to the dtype: see `Double.rounded(to:)`.
  ///
  /// - Parameter address: of `type.byteCount` bytes.
  package func write(to address: UnsafeMutableRawPointer) {
    func store<Stored>(_ convert: (Float) -> Stored) {
      let target = address.assumingMemoryBound(to: Stored.self)
      for (index, element) in elements.enumerated() { target[index] = convert(element) }
    }
    switch type.dtype {
    case .f32: address.assumingMemoryBound(to: Float.self).update(from: elements, count: elements.count)
    case .bf16: store { UInt16(truncatingIfNeeded: $0.rounded(to: .bf16).bitPattern >> 16) }
    case .f16: store { Float16($0) }
    case .i32: store { Int32(exactly: $0) ?? Int32(clamping: Int64($0.rounded(to: .i32))) }
    case .bool: store { $0 == 0 ? 0 as UInt8 : 1 }
    }
  }

  /// Reads the elements of a tensor of this type.
  package init(_ type: TensorType, readingFrom address: UnsafeRawPointer) {
    let count = type.shape.elementCount
    func loaded<Stored>(_ convert: (Stored) -> Float) -> [Float] {
      let source = address.assumingMemoryBound(to: Stored.self)
      return [Float](unsafeUninitializedCapacity: count) { elements, initialized in
        for index in 0..<count { elements[index] = convert(source[index]) }
        initialized = count
      }
    }
    let elements: [Float] =
      switch type.dtype {
      case .f32: Array(UnsafeBufferPointer(start: address.assumingMemoryBound(to: Float.self), count: count))
      case .bf16: loaded { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
      case .f16: loaded { (number: Float16) in Float(number) }
      case .i32: loaded { (number: Int32) in Float(number) }
      case .bool: loaded { (byte: UInt8) in byte == 0 ? 0 : 1 }
      }
    self.init(type, elements)
  }
}
