import DurableFiles

/// Writes NIfTI files: a whole new file or, on failure, what was there before.
///
/// A path that ends in ".gz" is compressed. Equal images give equal bytes.
public enum NIfTIWriter {
  /// Writes a mask as uint8 in the geometry of the scan that it belongs to.
  ///
  /// Kept from `header`: qform and sform with their codes, spacing, units, description, version, byte order.
  /// - Throws: `NIfTIError.sizeMismatch` when the grids differ, `.cannotWrite`.
  public static func write(
    labels: LabelVolume, like header: NIfTIHeader, to path: String
  ) throws(NIfTIError) {
    try check(labels.size, header, path)
    try write(header.describing(.uint8, channelCount: 1), data: labels.labels, to: path)
  }

  /// Writes intensities, without scaling, in the geometry of the scan that they belong to.
  ///
  /// Several channels become a fourth axis. What is kept is as for masks.
  /// - Parameter dataType: How voxels are stored; integer types round to nearest.
  /// - Throws: `NIfTIError.sizeMismatch` when the grids differ, `.notRepresentable` when a value does not
  ///   fit in an integer type, `.cannotWrite`.
  public static func write(
    volume: Volume, like header: NIfTIHeader, as dataType: NIfTIDataType = .float32, to path: String
  ) throws(NIfTIError) {
    try check(volume.size, header, path)
    guard header.version == .two || volume.channelCount <= Int16.max else {
      throw .cannotWrite(path: path, reason: "NIfTI-1 holds at most \(Int16.max) channels")
    }
    let encoding = VoxelEncoding(dataType: dataType, byteOrder: header.byteOrder)
    var offender: Float = 0
    guard let data = encoding.bytes(of: volume.voxels, offender: &offender) else {
      throw .notRepresentable(path: path, value: offender, dataType: dataType)
    }
    try write(header.describing(dataType, channelCount: volume.channelCount), data: data, to: path)
  }

  /// Writes an image as it was read: header, extensions and voxels byte for byte.
  ///
  /// - Throws: `NIfTIError.cannotWrite`.
  public static func write(_ image: NIfTIImage, to path: String) throws(NIfTIError) {
    try write([image.header.bytes, image.extensions, image.data], to: path)
  }

  private static func write(_ header: NIfTIHeader, data: [UInt8], to path: String) throws(NIfTIError) {
    let noExtensions: [UInt8] = [0, 0, 0, 0]
    try write([header.bytes, noExtensions, data], to: path)
  }

  private static func write(_ parts: [[UInt8]], to path: String) throws(NIfTIError) {
    let bytes = path.hasSuffix(".gz") ? Gzip.compressed(parts) : Array(parts.joined())
    do throws(AtomicFileError) {
      try AtomicFile.write(bytes, to: path)
    } catch {
      throw .cannotWrite(path: path, reason: systemMessage(error.code))
    }
  }

  private static func check(_ size: GridSize, _ header: NIfTIHeader, _ path: String) throws(NIfTIError) {
    guard size == header.size else {
      throw .sizeMismatch(
        path: path, source: header.path, sourceSize: header.size.extents, size: size.extents)
    }
  }
}
