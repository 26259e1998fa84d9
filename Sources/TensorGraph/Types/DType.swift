/// The type of a tensor's elements.
public enum DType: String, Codable, Hashable, Sendable, CaseIterable {
  /// IEEE 754 single precision.
  case f32
  /// bfloat16: the upper half of a single.
  case bf16
  /// IEEE 754 half precision.
  case f16
  /// 32-bit two's complement integers.
  case i32
  /// Truth values, the results of comparisons.
  case bool

  /// The number of bytes that one element takes in memory.
  public var byteCount: Int {
    switch self {
    case .f32, .i32: 4
    case .bf16, .f16: 2
    case .bool: 1
    }
  }

  public var isFloatingPoint: Bool {
    switch self {
    case .f32, .bf16, .f16: true
    case .i32, .bool: false
    }
  }
}
