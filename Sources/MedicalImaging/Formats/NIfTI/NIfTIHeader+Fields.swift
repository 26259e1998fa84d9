/// Reading and writing single fields in the header's bytes.
extension NIfTIHeader {
  func integer(_ field: NIfTIField, _ index: Int = 0) -> Int {
    let slot = field.slot(version)
    let offset = slot.offset + index * slot.storage.byteCount
    return switch slot.storage {
    case .int8: Int(bytes[offset])
    case .int16: Int(load(offset, as: Int16.self))
    case .int32: Int(load(offset, as: Int32.self))
    case .int64: Int(load(offset, as: Int64.self))
    case .float32, .float64: preconditionFailure("not an integer field")
    }
  }

  func number(_ field: NIfTIField, _ index: Int = 0) -> Double {
    let slot = field.slot(version)
    let offset = slot.offset + index * slot.storage.byteCount
    return switch slot.storage {
    case .float32: Double(Float(bitPattern: load(offset, as: UInt32.self)))
    case .float64: Double(bitPattern: load(offset, as: UInt64.self))
    case .int8, .int16, .int32, .int64: Double(integer(field, index))
    }
  }

  func numbers(_ field: NIfTIField, count: Int) -> [Double] {
    (0..<count).map { number(field, $0) }
  }

  /// The text up to the first zero byte. Control characters, which a terminal would obey, are replaced.
  func text(_ field: NIfTITextField) -> String {
    let stored = bytes[field.range(version)].prefix { $0 != 0 }
    let scalars = String(decoding: stored, as: UTF8.self).unicodeScalars.map {
      $0.properties.generalCategory == .control ? "\u{FFFD}" : $0
    }
    return String(String.UnicodeScalarView(scalars))
  }

  mutating func set(_ field: NIfTIField, _ index: Int = 0, to value: Int) {
    let slot = field.slot(version)
    let offset = slot.offset + index * slot.storage.byteCount
    switch slot.storage {
    case .int8: bytes[offset] = UInt8(value)
    case .int16: store(Int16(value), offset)
    case .int32: store(Int32(value), offset)
    case .int64: store(Int64(value), offset)
    case .float32, .float64: preconditionFailure("not an integer field")
    }
  }

  mutating func set(_ field: NIfTIField, _ index: Int = 0, to value: Double) {
    let slot = field.slot(version)
    let offset = slot.offset + index * slot.storage.byteCount
    switch slot.storage {
    case .float32: store(Float(value).bitPattern, offset)
    case .float64: store(value.bitPattern, offset)
    case .int8, .int16, .int32, .int64: preconditionFailure("not a floating-point field")
    }
  }

  /// Stores a whole number in a field that is an integer in one version and a float in the other.
  mutating func set(_ field: NIfTIField, toWhole value: Int) {
    switch field.slot(version).storage {
    case .float32, .float64: set(field, to: Double(value))
    case .int8, .int16, .int32, .int64: set(field, to: value)
    }
  }

  /// Stores the text's first bytes, one less than the field holds, and fills up with zeros.
  mutating func set(_ field: NIfTITextField, to text: String) {
    let range = field.range(version)
    let stored = Array(text.utf8.prefix(range.count - 1))
    bytes.replaceSubrange(range, with: stored + Array(repeating: 0, count: range.count - stored.count))
  }

  private func load<T: FixedWidthInteger>(_ offset: Int, as type: T.Type) -> T {
    precondition(offset >= 0 && offset + MemoryLayout<T>.size <= bytes.count)
    let raw = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: T.self) }
    return byteOrder == .littleEndian ? T(littleEndian: raw) : T(bigEndian: raw)
  }

  private mutating func store<T: FixedWidthInteger>(_ value: T, _ offset: Int) {
    precondition(offset >= 0 && offset + MemoryLayout<T>.size <= bytes.count)
    let raw = byteOrder == .littleEndian ? value.littleEndian : value.bigEndian
    bytes.withUnsafeMutableBytes { $0.storeBytes(of: raw, toByteOffset: offset, as: T.self) }
  }
}
