/// From bytes that nobody vouches for to a checked header.
extension NIfTIHeader {
  /// Reads the header of a file and nothing more; compressed files are inflated that far.
  ///
  /// - Throws: `ImageError` when the file is missing, damaged or not a NIfTI image of a supported kind.
  public static func headerOnly(_ path: String) throws(ImageError) -> NIfTIHeader {
    let file = try ImageFile(path: path)
    return try NIfTIHeader(readingFrom: file)
  }

  /// Reads the header from the start of an open file and leaves the file just behind it.
  init(readingFrom file: ImageFile) throws(ImageError) {
    var bytes = try file.bytes(count: Version.one.headerByteCount)
    let (version, _) = try Self.identified(bytes, path: file.path)
    let rest = version.headerByteCount - bytes.count
    if rest > 0 { bytes += try file.bytes(count: rest) }
    try self.init(bytes: bytes, path: file.path)
  }

  /// Checks and takes the bytes of a header.
  ///
  /// - Parameters:
  ///   - bytes: At least the 348 (NIfTI-1) or 540 (NIfTI-2) bytes of the header.
  ///   - path: The file's name in errors.
  package init(bytes: [UInt8], path: String) throws(ImageError) {
    guard bytes.count >= 348 else { throw .truncated(path: path, expected: 348, actual: bytes.count) }
    let (version, byteOrder) = try Self.identified(bytes, path: path)
    guard bytes.count >= version.headerByteCount else {
      throw .truncated(path: path, expected: version.headerByteCount, actual: bytes.count)
    }
    self.init(
      path: path, version: version, byteOrder: byteOrder, layout: .single,
      bytes: Array(bytes.prefix(version.headerByteCount)), dataType: .uint8, dims: [1], dataOffset: 0)
    layout = try checkedLayout()
    dataType = try checkedDataType()
    dims = try checkedDims()
    dataOffset = try checkedDataOffset()
  }

  /// The layout of a file that begins so; nil when it is not NIfTI.
  static func layout(_ start: [UInt8]) -> Layout? {
    guard start.count >= 4, let (version, _) = try? identified(start, path: "") else { return nil }
    let range = NIfTITextField.magic.range(version)
    guard start.count >= range.upperBound else { return nil }
    return Layout.allCases.first { Array(start[range]) == $0.magic(version) }
  }

  /// The header's length, 348 or 540, tells version and byte order.
  private static func identified(
    _ bytes: [UInt8], path: String
  ) throws(ImageError) -> (Version, ByteOrder) {
    switch (bytes[0], bytes[1], bytes[2], bytes[3]) {
    case (0x5C, 0x01, 0, 0): return (.one, .littleEndian)
    case (0, 0, 0x01, 0x5C): return (.one, .bigEndian)
    case (0x1C, 0x02, 0, 0): return (.two, .littleEndian)
    case (0, 0, 0x02, 0x1C): return (.two, .bigEndian)
    default: throw .nifti(.notNIfTI(path: path))
    }
  }

  private func checkedLayout() throws(ImageError) -> Layout {
    if let layout = Self.layout(bytes) { return layout }
    throw NIfTIName.hasPairSuffix(path) ? .nifti(.analyze(path: path)) : .nifti(.notNIfTI(path: path))
  }

  private func checkedDataType() throws(ImageError) -> VoxelType {
    let code = integer(.datatype)
    guard let type = VoxelType(niftiCode: code) else {
      throw .nifti(.unsupportedDataType(path: path, code: code))
    }
    return type
  }

  /// An extent of zero beyond the third axis counts as 1.
  ///
  /// Source: nifti1_io.c, `nifti_convert_nhdr2nim`, which repairs such extents alike.
  private func checkedDims() throws(ImageError) -> [Int] {
    let dim = (0..<8).map { integer(.dim, $0) }
    guard (1...7).contains(dim[0]) else { throw .nifti(.invalidDimensions(path: path, dim: dim)) }
    let dims = (1...dim[0]).map { axis in axis > 3 && dim[axis] == 0 ? 1 : dim[axis] }
    guard dims.allSatisfy({ $0 >= 1 }) else { throw .nifti(.invalidDimensions(path: path, dim: dim)) }
    guard ImageHeader.voxelCount(dims) != nil else { throw .nifti(.tooLarge(path: path, dims: dims)) }
    return dims
  }

  /// As in nibabel, an offset of zero stands for the first possible one.
  private func checkedDataOffset() throws(ImageError) -> Int {
    let offset = number(.voxOffset)
    let minimum = layout.minimumDataOffset(version)
    if offset == 0 { return minimum }
    guard let whole = Int(exactly: offset), whole >= minimum, whole < 1 << 30 else {
      throw .nifti(.invalidDataOffset(path: path, offset: offset))
    }
    return whole
  }
}

extension NIfTIHeader.Layout {
  /// The bytes of the header's `magic` field.
  func magic(_ version: NIfTIHeader.Version) -> [UInt8] {
    let letter = self == .single ? "+" : "i"
    let lineEnds: [UInt8] = version == .one ? [] : [0x0D, 0x0A, 0x1A, 0x0A]
    return Array("n\(letter)\(version.rawValue)\0".utf8) + lineEnds
  }
}
