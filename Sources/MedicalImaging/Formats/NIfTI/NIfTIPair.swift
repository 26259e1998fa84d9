import Foundation

/// The endings of NIfTI file names, in either case.
enum NIfTIName {
  static func isCompressed(_ path: String) -> Bool { path.lowercased().hasSuffix(".gz") }

  static func hasPairSuffix(_ path: String) -> Bool {
    NIfTIPairCodec.suffixes.contains { path.lowercased().hasSuffix($0) }
  }
}

/// The two files of a `.hdr`/`.img` pair, each compressed or not.
struct NIfTIPair {
  let headerPath: String
  let imagePath: String

  /// The pair of a new image, either file of which is named; both are compressed or neither.
  init(naming path: String) throws(ImageError) {
    guard let twin = Self.twins(of: path).first else { throw .nifti(.pairedFiles(path: path)) }
    self.init(path, twin)
  }

  /// The pair on the disk, either file of which is named.
  init(of path: String) throws(ImageError) {
    let twins = Self.twins(of: path)
    guard let first = twins.first else { throw .nifti(.pairedFiles(path: path)) }
    self.init(path, twins.first { access($0, F_OK) == 0 } ?? first)
  }

  private init(_ path: String, _ twin: String) {
    (headerPath, imagePath) = Self.isHeader(path) ? (path, twin) : (twin, path)
  }

  static func isHeader(_ path: String) -> Bool {
    [".hdr", ".hdr.gz"].contains { path.lowercased().hasSuffix($0) }
  }

  /// What the other file may be called, likeliest first; nothing for a path without a suffix of the format.
  static func twins(of path: String) -> [String] {
    let isCompressed = NIfTIName.isCompressed(path)
    let name = isCompressed ? String(path.dropLast(3)) : path
    let (stem, suffix) = (name.dropLast(4), name.suffix(4))
    guard let other = [".hdr": ".img", ".img": ".hdr"][suffix.lowercased()] else { return [] }
    let plain = suffix == suffix.uppercased() ? [other.uppercased(), other] : [other, other.uppercased()]
    let compressed = plain.map { $0 + ($0 == other ? ".gz" : ".GZ") }
    return (isCompressed ? compressed + plain : plain + compressed).map { "\(stem)\($0)" }
  }

  /// - Throws: `ImageError` when the header is missing, damaged or none of a pair.
  func header() throws(ImageError) -> NIfTIHeader {
    let header = try NIfTIHeader.headerOnly(headerPath)
    guard header.layout == .pair else { throw .nifti(.notHalfOfPair(path: headerPath)) }
    return header
  }
}

/// NIfTI in two files as one of the image formats.
enum NIfTIPairCodec: ImageCodec {
  static let suffixes = [".hdr", ".img", ".hdr.gz", ".img.gz"]
  static let standardSuffix = ".hdr"

  static func recognises(_ start: [UInt8]) -> Bool { NIfTIHeader.layout(start) == .pair }

  /// The voxels of a header that is there too.
  static func isCompanion(_ name: String, among names: Set<String>) -> Bool {
    !NIfTIPair.isHeader(name) && NIfTIPair.twins(of: name).contains { names.contains($0) }
  }

  static func readHeader(_ path: String) throws(ImageError) -> ImageHeader {
    try NIfTIPair(of: path).header().imageHeader()
  }

  static func read(_ path: String, for use: VoxelUse) throws(ImageError) -> Image {
    let pair = try NIfTIPair(of: path)
    let header = try pair.header()
    let file = try ImageFile(path: pair.imagePath)
    try file.skip(header.dataOffset)
    return try header.image(from: file, for: use)
  }

  static func files(
    of labels: LabelVolume, like header: ImageHeader, at path: String
  ) throws(ImageError) -> [EncodedFile] {
    try files(try NIfTIWriter.fitted(labels, NIfTIHeader(like: header), .pair, path), at: path)
  }

  static func files(
    of volume: Volume, like header: ImageHeader, as type: VoxelType, at path: String
  ) throws(ImageError) -> [EncodedFile] {
    try files(try NIfTIWriter.fitted(volume, NIfTIHeader(like: header), type, .pair, path), at: path)
  }

  private static func files(
    _ image: (header: NIfTIHeader, data: [UInt8]), at path: String
  ) throws(ImageError) -> [EncodedFile] {
    let pair = try NIfTIPair(naming: path)
    return [
      EncodedFile(path: pair.imagePath, contents: NIfTIWriter.contents([image.data], for: pair.imagePath)),
      EncodedFile(
        path: pair.headerPath, contents: NIfTIWriter.contents([image.header.bytes], for: pair.headerPath)),
    ]
  }
}
