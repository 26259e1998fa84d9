/// The value of the header's `datatype` field for each type of voxel.
///
/// Source: nifti1.h, "TYPE OF DATA". Complex, RGB and 128-bit voxels are refused by the reader.
extension VoxelType {
  var niftiCode: Int {
    switch self {
    case .uint8: 2
    case .int16: 4
    case .int32: 8
    case .float32: 16
    case .float64: 64
    case .int8: 256
    case .uint16: 512
    case .uint32: 768
    case .int64: 1024
    case .uint64: 1280
    }
  }

  /// The type of a code; nil for one that is not read.
  init?(niftiCode: Int) {
    guard let type = Self.allCases.first(where: { $0.niftiCode == niftiCode }) else { return nil }
    self = type
  }
}
