import TensorGraph

extension Tensor {
  /// Writes the elements row-major in their dtype's own format.
  func write(to address: UnsafeMutableRawPointer) {
    let count = elements.count
    elements.withUnsafeBufferPointer { source in
      guard count > 0 else { return }
      switch type.dtype {
      case .f32:
        address.copyMemory(from: source.baseAddress!, byteCount: count * 4)
      case .i32:
        let target = address.assumingMemoryBound(to: Int32.self)
        for i in 0..<count { target[i] = Int32(source[i]) }
      case .bool:
        let target = address.assumingMemoryBound(to: UInt8.self)
        for i in 0..<count { target[i] = source[i] != 0 ? 1 : 0 }
      case .bf16:
        let target = address.assumingMemoryBound(to: UInt16.self)
        for i in 0..<count { target[i] = UInt16(truncatingIfNeeded: source[i].bitPattern >> 16) }
      case .f16:
        let target = address.assumingMemoryBound(to: UInt16.self)
        for i in 0..<count { target[i] = Float16(source[i]).bitPattern }
      }
    }
  }

  /// Reads elements that lie row-major in their dtype's own format.
  init(_ type: TensorType, readingFrom address: UnsafeMutableRawPointer) {
    let count = type.shape.elementCount
    let elements = [Float](unsafeUninitializedCapacity: count) { target, initialized in
      initialized = count
      switch type.dtype {
      case .f32:
        let source = address.assumingMemoryBound(to: Float.self)
        target.baseAddress?.initialize(from: source, count: count)
      case .i32:
        let source = address.assumingMemoryBound(to: Int32.self)
        for i in 0..<count { target[i] = Float(source[i]) }
      case .bool:
        let source = address.assumingMemoryBound(to: UInt8.self)
        for i in 0..<count { target[i] = source[i] != 0 ? 1 : 0 }
      case .bf16:
        let source = address.assumingMemoryBound(to: UInt16.self)
        for i in 0..<count { target[i] = Float(bitPattern: UInt32(source[i]) << 16) }
      case .f16:
        let source = address.assumingMemoryBound(to: UInt16.self)
        for i in 0..<count { target[i] = Float(Float16(bitPattern: source[i])) }
      }
    }
    self.init(type, elements)
  }
}
