/// Writes NIfTI files: a whole new file or, on failure, what was there before.
///
/// A path that ends in ".gz" (in either case) is compressed. Equal images give equal bytes.
public enum NIfTIWriter {
  /// Writes a mask as uint8 in the geometry of the scan that it belongs to: see `contents(labels:like:for:)`.
  /// - Throws: also `ImageError.cannotWrite`.
  public static func write(
    labels: LabelVolume, like header: NIfTIHeader, to path: String
  ) throws(ImageError) {
    try EncodedFile(path: path, contents: try contents(labels: labels, like: header, for: path)).write()
  }

  /// The bytes of the file of a mask, as uint8 in the geometry of the scan that it belongs to.
  ///
  /// Kept from `header`: qform and sform with their codes, spacing, units, description, version, byte order.
  /// - Parameters:
  ///   - labels: to write.
  ///   - header: of the scan that they belong to.
  ///   - path: where the file will be; its name decides on compression.
  /// - Throws: `ImageError.sizeMismatch` when the grids differ.
  public static func contents(
    labels: LabelVolume, like header: NIfTIHeader, for path: String
  ) throws(ImageError) -> [UInt8] {
    single(try fitted(labels, header, .single, path), for: path)
  }

  /// Writes intensities, without scaling, in the geometry of the scan that they belong to: see
  /// `contents(volume:like:as:for:)`.
  /// - Throws: also `ImageError.cannotWrite`.
  public static func write(
    volume: Volume, like header: NIfTIHeader, as dataType: VoxelType = .float32, to path: String
  ) throws(ImageError) {
    try EncodedFile(path: path, contents: try contents(volume: volume, like: header, as: dataType, for: path))
      .write()
  }

  /// The bytes of the file of intensities, without scaling, in the geometry of the scan that they belong to.
  ///
  /// Several channels become a fourth axis. What is kept is as for masks.
  /// - Parameters:
  ///   - volume: to write.
  ///   - header: of a file like which it is written.
  ///   - dataType: How voxels are stored; integer types round to nearest.
  ///   - path: where the file will be; its name decides on compression.
  /// - Throws: `ImageError.sizeMismatch` when the grids differ, `.notRepresentable` when a value does not
  ///   fit in an integer type, `.cannotWrite` when the format cannot hold it.
  public static func contents(
    volume: Volume, like header: NIfTIHeader, as dataType: VoxelType = .float32, for path: String
  ) throws(ImageError) -> [UInt8] {
    single(try fitted(volume, header, dataType, .single, path), for: path)
  }

  /// Writes an image as it was read: header, extensions and voxels byte for byte.
  ///
  /// - Throws: `ImageError.cannotWrite`.
  public static func write(_ image: NIfTIImage, to path: String) throws(ImageError) {
    try EncodedFile(
      path: path, contents: contents([image.header.bytes, image.extensions, image.data], for: path)
    ).write()
  }

  private static func single(_ image: (header: NIfTIHeader, data: [UInt8]), for path: String) -> [UInt8] {
    let noExtensions: [UInt8] = [0, 0, 0, 0]
    return contents([image.header.bytes, noExtensions, image.data], for: path)
  }

  /// The bytes of a file of these parts, compressed if its name says so.
  static func contents(_ parts: [[UInt8]], for path: String) -> [UInt8] {
    if NIfTIName.isCompressed(path) { return Deflate.compressed(parts, as: .gzip) }
    var contents: [UInt8] = []
    contents.reserveCapacity(parts.reduce(0) { $0 + $1.count })
    for part in parts { contents += part }
    return contents
  }
}

/// Header and voxels for what is to be written.
extension NIfTIWriter {
  static func fitted(
    _ labels: LabelVolume, _ header: NIfTIHeader, _ layout: NIfTIHeader.Layout, _ path: String
  ) throws(ImageError) -> (header: NIfTIHeader, data: [UInt8]) {
    try check(labels.size, header, path)
    return (header.describing(.uint8, channelCount: 1, in: layout), labels.labels)
  }

  static func fitted(
    _ volume: Volume, _ header: NIfTIHeader, _ dataType: VoxelType, _ layout: NIfTIHeader.Layout,
    _ path: String
  ) throws(ImageError) -> (header: NIfTIHeader, data: [UInt8]) {
    try check(volume.size, header, path)
    guard header.version == .two || volume.channelCount <= Int16.max else {
      throw .cannotWrite(path: path, reason: "NIfTI-1 holds at most \(Int16.max) channels")
    }
    let encoding = VoxelEncoding(type: dataType, isSwapped: header.byteOrder != .native)
    var offender: Float = 0
    guard let data = encoding.bytes(of: volume.voxels, offender: &offender) else {
      throw .notRepresentable(path: path, value: offender, voxelType: dataType)
    }
    return (header.describing(dataType, channelCount: volume.channelCount, in: layout), data)
  }

  private static func check(_ size: GridSize, _ header: NIfTIHeader, _ path: String) throws(ImageError) {
    guard size == header.size else {
      throw .sizeMismatch(
        path: path, source: header.path, sourceSize: header.size, size: size)
    }
  }
}
