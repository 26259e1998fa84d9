/// The name of each type of voxels in MetaImage. Source: MetaIO documentation, "Reference: Tags of MetaImage".
extension VoxelType {
  var metaImageName: String {
    switch self {
    case .int8: "MET_CHAR"
    case .uint8: "MET_UCHAR"
    case .int16: "MET_SHORT"
    case .uint16: "MET_USHORT"
    case .int32: "MET_INT"
    case .uint32: "MET_UINT"
    case .int64: "MET_LONG_LONG"
    case .uint64: "MET_ULONG_LONG"
    case .float32: "MET_FLOAT"
    case .float64: "MET_DOUBLE"
    }
  }

  /// The type of a name; nil for one that is not read. MetaIO's long has 32 bits.
  init?(metaImageName name: String) {
    let synonyms = ["MET_LONG": "MET_INT", "MET_ULONG": "MET_UINT"]
    guard let type = Self.allCases.first(where: { $0.metaImageName == synonyms[name] ?? name }) else {
      return nil
    }
    self = type
  }
}
