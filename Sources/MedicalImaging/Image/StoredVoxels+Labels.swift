extension StoredVoxels {
  /// A voxel that is no whole number from 0 to 255.
  struct NotALabel: Error {
    let index: Int
    let value: Double
  }

  /// How far a label may lie from its whole number after scaling.
  private static let tolerance = 1e-3

  /// Returns every voxel as a label: integers exactly, other values when they are close to a whole number.
  func labels() throws(NotALabel) -> [UInt8] {
    switch type {
    case .uint8: try isScaled ? scaled(UInt8.self) : bytes
    case .int8: try whole(Int8.self)
    case .int16: try whole(Int16.self)
    case .uint16: try whole(UInt16.self)
    case .int32: try whole(Int32.self)
    case .uint32: try whole(UInt32.self)
    case .int64: try whole(Int64.self)
    case .uint64: try whole(UInt64.self)
    case .float32: try scaled(Float.self)
    case .float64: try scaled(Double.self)
    }
  }

  private func whole<T: StoredVoxel & FixedWidthInteger>(_ type: T.Type) throws(NotALabel) -> [UInt8] {
    try isScaled ? scaled(type) : labels(type) { UInt8(exactly: $0) }
  }

  private func scaled<T: StoredVoxel>(_ type: T.Type) throws(NotALabel) -> [UInt8] {
    try labels(type) {
      let value = $0.double * slope + intercept
      let nearest = value.rounded()
      return abs(value - nearest) <= Self.tolerance ? UInt8(exactly: nearest) : nil
    }
  }

  @inline(__always)
  private func labels<T: StoredVoxel>(
    _ type: T.Type, _ converted: (T) -> UInt8?
  ) throws(NotALabel) -> [UInt8] {
    var offender: NotALabel?
    let labels = [UInt8](unsafeUninitializedCapacity: count) { output, filled in
      bytes.withUnsafeBytes { bytes in
        guard let source = bytes.baseAddress else { return }
        while filled < output.count {
          let voxel = T.load(source + filled * MemoryLayout<T>.size, isSwapped)
          guard let label = converted(voxel) else {
            offender = NotALabel(index: filled, value: voxel.double * slope + intercept)
            return
          }
          output.initializeElement(at: filled, to: label)
          filled += 1
        }
      }
    }
    if let offender { throw offender }
    return labels
  }
}
