/// How intensities are stored as voxels, without scaling.
struct VoxelEncoding {
  let type: VoxelType
  /// Whether the file's byte order is not this machine's.
  let isSwapped: Bool

  init(type: VoxelType, isSwapped: Bool) {
    self.type = type
    self.isSwapped = isSwapped
  }

  /// The encoding in a stated byte order.
  init(type: VoxelType, isBigEndian: Bool) {
    let isBigEndianMachine = UInt16(bigEndian: 1) == 1
    self.init(type: type, isSwapped: isBigEndian != isBigEndianMachine)
  }

  /// Returns the stored bytes; integers are rounded to nearest, ties to even.
  ///
  /// - Returns: Nil when a value does not fit in an integer type; `offender` then holds it.
  func bytes(of values: [Float], offender: inout Float) -> [UInt8]? {
    switch type {
    case .uint8: return integers(UInt8.self, values, &offender)
    case .int8: return integers(Int8.self, values, &offender)
    case .int16: return integers(Int16.self, values, &offender)
    case .uint16: return integers(UInt16.self, values, &offender)
    case .int32: return integers(Int32.self, values, &offender)
    case .uint32: return integers(UInt32.self, values, &offender)
    case .int64: return integers(Int64.self, values, &offender)
    case .uint64: return integers(UInt64.self, values, &offender)
    case .float32: return stored(values.count) { values[$0].bitPattern }
    case .float64: return stored(values.count) { Double(values[$0]).bitPattern }
    }
  }

  private func integers<T: FixedWidthInteger>(
    _ type: T.Type, _ values: [Float], _ offender: inout Float
  ) -> [UInt8]? {
    if let value = values.first(where: { T(exactly: $0.rounded(.toNearestOrEven)) == nil }) {
      offender = value
      return nil
    }
    return stored(values.count) { T(values[$0].rounded(.toNearestOrEven)) }
  }

  @inline(__always)
  private func stored<T: FixedWidthInteger>(
    _ count: Int, _ voxel: (Int) -> T
  ) -> [UInt8] {
    let stride = MemoryLayout<T>.size
    return [UInt8](unsafeUninitializedCapacity: count * stride) { buffer, filled in
      let target = UnsafeMutableRawBufferPointer(buffer)
      for index in 0..<count {
        let value = voxel(index)
        target.storeBytes(of: isSwapped ? value.byteSwapped : value, toByteOffset: index * stride, as: T.self)
      }
      filled = count * stride
    }
  }
}
