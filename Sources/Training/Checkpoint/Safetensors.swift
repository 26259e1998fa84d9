/// The contents of a safetensors file: named tensors and a dictionary of strings.
///
/// Source: safetensors, "Format" (https://github.com/huggingface/safetensors#format):
///
///     bytes 0 ..< 8      length n of the header, unsigned little-endian
///     bytes 8 ..< 8 + n  the header, JSON: name -> dtype, shape, data_offsets; padded with spaces
///     the rest           the tensors' elements, little-endian, row-major, without gaps
public struct SafetensorsFile: Equatable, Sendable {
  /// The header's `__metadata__`.
  public var metadata: [String: String]
  public var tensors: [String: SafetensorsTensor]

  public init(metadata: [String: String] = [:], tensors: [String: SafetensorsTensor] = [:]) {
    self.metadata = metadata
    self.tensors = tensors
  }

  /// The header's key for the dictionary of strings; no tensor may bear this name.
  static let metadataKey = "__metadata__"

  /// Where the header begins, after its length.
  static let headerOffset = 8

  /// The longest header that is read, in bytes: the limit of the format's own library.
  static let maximumHeaderLength = 100_000_000
}

/// One tensor of a safetensors file: its elements as they lie in the file, little-endian and row-major.
public struct SafetensorsTensor: Equatable, Sendable {
  /// The type of an element, named as in the format. Ordered as the format's own library orders them, which
  /// decides where the tensors lie in a file: the widest first, so that each is aligned.
  public enum DType: String, CaseIterable, Sendable {
    case u8 = "U8"
    case f16 = "F16"
    case bf16 = "BF16"
    case i32 = "I32"
    case f32 = "F32"
    case f64 = "F64"
    case i64 = "I64"

    /// The size of an element in bytes.
    public var byteCount: Int {
      switch self {
      case .u8: 1
      case .f16, .bf16: 2
      case .i32, .f32: 4
      case .f64, .i64: 8
      }
    }
  }

  public let dtype: DType
  public let shape: [Int]
  /// `dtype.byteCount` bytes for each element.
  public let bytes: [UInt8]

  /// - Precondition: `bytes` has the size that `dtype` and `shape` imply.
  public init(dtype: DType, shape: [Int], bytes: [UInt8]) {
    precondition(
      bytes.count == shape.reduce(dtype.byteCount, *),
      "\(bytes.count) bytes cannot be \(dtype.rawValue) of shape \(shape)")
    self.dtype = dtype
    self.shape = shape
    self.bytes = bytes
  }

  /// A tensor of dtype F32.
  /// - Precondition: `floats` has as many elements as `shape` implies.
  public init(shape: [Int], floats: [Float]) {
    self.init(dtype: .f32, shape: shape, bytes: littleEndianBytes(of: floats))
  }

  /// A tensor of dtype I32.
  /// - Precondition: `int32s` has as many elements as `shape` implies.
  public init(shape: [Int], int32s: [Int32]) {
    self.init(dtype: .i32, shape: shape, bytes: littleEndianBytes(of: int32s))
  }

  /// A tensor of dtype I64.
  /// - Precondition: `int64s` has as many elements as `shape` implies.
  public init(shape: [Int], int64s: [Int64]) {
    self.init(dtype: .i64, shape: shape, bytes: littleEndianBytes(of: int64s))
  }

  /// The elements of a tensor of any floating-point dtype as 32-bit floats. F64 is rounded to nearest.
  /// - Throws: `SafetensorsDTypeError` when the dtype is an integer.
  public func floats() throws(SafetensorsDTypeError) -> [Float] {
    switch dtype {
    case .f32: elements(as: Float.self)
    case .f64: elements(as: Double.self).map { Float($0) }
    case .f16: elements(as: Float16.self).map { Float($0) }
    case .bf16: elements(as: UInt16.self).map { Float(bitPattern: UInt32($0) << 16) }
    case .u8, .i32, .i64: throw SafetensorsDTypeError(found: dtype, wanted: [.f32, .f64, .f16, .bf16])
    }
  }

  /// The elements of a tensor of dtype I32.
  /// - Throws: `SafetensorsDTypeError` when the dtype is another.
  public func int32s() throws(SafetensorsDTypeError) -> [Int32] {
    guard dtype == .i32 else { throw SafetensorsDTypeError(found: dtype, wanted: [.i32]) }
    return elements(as: Int32.self)
  }

  /// The elements of a tensor of dtype I64.
  /// - Throws: `SafetensorsDTypeError` when the dtype is another.
  public func int64s() throws(SafetensorsDTypeError) -> [Int64] {
    guard dtype == .i64 else { throw SafetensorsDTypeError(found: dtype, wanted: [.i64]) }
    return elements(as: Int64.self)
  }

  /// Copies the bytes in bulk into elements of a type of the same width.
  private func elements<Element: BitwiseCopyable>(as type: Element.Type) -> [Element] {
    let count = bytes.count / MemoryLayout<Element>.stride
    return [Element](unsafeUninitializedCapacity: count) { buffer, initializedCount in
      bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
      initializedCount = count
    }
  }
}

/// A tensor read as a type that it does not hold.
public struct SafetensorsDTypeError: Error, Equatable, CustomStringConvertible {
  public let found: SafetensorsTensor.DType
  public let wanted: [SafetensorsTensor.DType]

  public var description: String {
    let names = wanted.map(\.rawValue).joined(separator: ", ")
    return "a tensor has dtype \(found.rawValue) where one of \(names) is needed"
  }
}

#if _endian(big)
  #error("safetensors is little-endian; its elements are copied in bulk, without swapping bytes")
#endif

/// Copies elements in bulk into bytes.
private func littleEndianBytes<Element: BitwiseCopyable>(of elements: [Element]) -> [UInt8] {
  elements.withUnsafeBytes { [UInt8]($0) }
}
