/// The names of each type of voxels in NRRD, the one that is written first.
///
/// Source: "Definition of NRRD File Format", section 5, `type`.
extension VoxelType {
  var nrrdNames: [String] {
    switch self {
    case .int8: ["int8", "int8_t", "signed char"]
    case .uint8: ["uint8", "uint8_t", "uchar", "unsigned char"]
    case .int16: ["int16", "int16_t", "short", "short int", "signed short", "signed short int"]
    case .uint16: ["uint16", "uint16_t", "ushort", "unsigned short", "unsigned short int"]
    case .int32: ["int32", "int32_t", "int", "signed int"]
    case .uint32: ["uint32", "uint32_t", "uint", "unsigned int"]
    case .int64:
      [
        "int64", "int64_t", "longlong", "long long", "long long int", "signed long long",
        "signed long long int",
      ]
    case .uint64: ["uint64", "uint64_t", "ulonglong", "unsigned long long", "unsigned long long int"]
    case .float32: ["float"]
    case .float64: ["double"]
    }
  }

  /// The type of a name in lower case; nil for one that is not read.
  init?(nrrdName name: String) {
    guard let type = Self.allCases.first(where: { $0.nrrdNames.contains(name) }) else { return nil }
    self = type
  }
}
