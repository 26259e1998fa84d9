/// A NIfTI file in memory: its header and its voxels as stored.
public struct NIfTIImage: Sendable {
  public let header: NIfTIHeader
  /// What lies between header and voxels: the four bytes that announce extensions, and the extensions; nothing in a
  /// pair.
  public let extensions: [UInt8]
  /// The voxels as stored: `header.dataType` in `header.byteOrder`, i fastest, `header.dataByteCount` bytes.
  public let data: [UInt8]
  /// Whether the file goes on behind its voxels, which hints at a damaged header.
  public let hasTrailingData: Bool

  /// Reads `.nii` or `.nii.gz`; the content decides, not the name.
  ///
  /// - Throws: `ImageError` when the file is missing, truncated, damaged or of an unsupported kind.
  public init(contentsOf path: String) throws(ImageError) {
    let file = try ImageFile(path: path)
    header = try NIfTIHeader(readingFrom: file)
    guard header.layout == .single else { throw .nifti(.pairedFiles(path: path)) }
    extensions = try file.bytes(count: header.dataOffset - header.bytes.count)
    data = try file.bytes(count: header.dataByteCount)
    hasTrailingData = try file.hasMore()
  }
}
