/// How a NIfTI file stores one voxel: the value of the header's `datatype` field.
///
/// Source: nifti1.h, "TYPE OF DATA". Complex, RGB and 128-bit voxels are refused by the reader.
public enum NIfTIDataType: Int16, CaseIterable, Sendable, CustomStringConvertible {
  case uint8 = 2
  case int16 = 4
  case int32 = 8
  case float32 = 16
  case float64 = 64
  case int8 = 256
  case uint16 = 512
  case uint32 = 768
  case int64 = 1024
  case uint64 = 1280

  /// The size of one voxel in bytes.
  public var byteCount: Int {
    switch self {
    case .uint8, .int8: 1
    case .int16, .uint16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64: 8
    }
  }

  public var description: String {
    switch self {
    case .uint8: "uint8"
    case .int16: "int16"
    case .int32: "int32"
    case .float32: "float32"
    case .float64: "float64"
    case .int8: "int8"
    case .uint16: "uint16"
    case .uint32: "uint32"
    case .int64: "int64"
    case .uint64: "uint64"
    }
  }
}
