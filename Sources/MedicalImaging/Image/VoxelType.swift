/// How a file stores one voxel.
public enum VoxelType: String, CaseIterable, Sendable, CustomStringConvertible {
  case uint8
  case int8
  case int16
  case uint16
  case int32
  case uint32
  case int64
  case uint64
  case float32
  case float64

  /// The size of one voxel in bytes.
  public var byteCount: Int {
    switch self {
    case .uint8, .int8: 1
    case .int16, .uint16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64: 8
    }
  }

  public var description: String { rawValue }
}
