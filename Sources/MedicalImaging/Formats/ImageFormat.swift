/// The formats in which images are read and written. Everything between reading and writing is an `Image`.
public enum ImageFormat: String, Codable, Sendable, CaseIterable {
  /// NIfTI-1 and NIfTI-2 in a single file, compressed or not.
  case nifti
  /// NIfTI-1 and NIfTI-2 as a header and a file of voxels, each compressed or not.
  case niftiPair
  /// MetaImage, the format of ITK, in one file or two.
  case metaImage
  /// NRRD, the format of 3D Slicer, in one file or two.
  case nrrd

  /// How the format reads and writes; each in a folder of its own.
  private var codec: any ImageCodec.Type {
    switch self {
    case .nifti: NIfTICodec.self
    case .niftiPair: NIfTIPairCodec.self
    case .metaImage: MetaImageCodec.self
    case .nrrd: NRRDCodec.self
    }
  }
}

/// What a format keeps of a file that it read, to write others like it; nobody else looks into it.
enum FormatSource: Sendable {
  case nifti(NIfTIHeader)
}

/// What a format can do.
protocol ImageCodec {
  /// The endings of its files' names, in lower case; files may have them in upper case.
  static var suffixes: [String] { get }
  /// The ending of new files; one of `suffixes`.
  static var standardSuffix: String { get }

  /// Whether the first bytes of a file, uncompressed, are this format's: at most `ImageFormat.magicByteCount`.
  static func recognises(_ start: [UInt8]) -> Bool

  /// Whether a file with one of the suffixes is only part of an image that another file of the folder stands for.
  static func isCompanion(_ name: String, among names: Set<String>) -> Bool

  static func readHeader(_ path: String) throws(ImageError) -> ImageHeader
  static func read(_ path: String, for use: VoxelUse) throws(ImageError) -> Image

  /// The files of a mask, as uint8, in the geometry of the image that it belongs to, whose format may be another.
  static func files(
    of labels: LabelVolume, like header: ImageHeader, at path: String
  ) throws(ImageError) -> [EncodedFile]

  /// The files of intensities, without scaling; else as for masks. Integer types round to nearest.
  static func files(
    of volume: Volume, like header: ImageHeader, as type: VoxelType, at path: String
  ) throws(ImageError) -> [EncodedFile]
}

extension ImageCodec {
  static func isCompanion(_ name: String, among names: Set<String>) -> Bool { false }
}

// MARK: Names and contents

extension ImageFormat {
  /// What `recognises` sees of a file.
  static let magicByteCount = 348

  /// The endings of this format's file names, such as ".nii" and ".nii.gz".
  public var suffixes: [String] { codec.suffixes }

  /// The ending of new files.
  public var standardSuffix: String { codec.standardSuffix }

  /// The endings of all formats, for a user: ".nii, .nii.gz ... or .nhdr".
  public static var suffixList: String {
    let suffixes = allCases.flatMap(\.suffixes)
    return suffixes.dropLast().joined(separator: ", ") + " or " + (suffixes.last ?? "")
  }

  /// The ending of a file's name by which a format is known, as the name has it; the longest that fits, nil for other
  /// names.
  public static func suffix(of path: String) -> String? {
    let name = path.split(separator: "/").last ?? ""
    let known = allCases.flatMap(\.suffixes).filter {
      name.lowercased().hasSuffix($0) && name.count > $0.count
    }
    return known.max { $0.count < $1.count }.map { String(name.suffix($0.count)) }
  }

  /// The format of files that end so: ".nii.gz" or "nii.gz", in either case; nil for other endings.
  public init?(suffix: String) {
    let suffix = (suffix.hasPrefix(".") ? suffix : "." + suffix).lowercased()
    guard let format = Self.allCases.first(where: { $0.suffixes.contains(suffix) }) else { return nil }
    self = format
  }

  /// What is written where nothing else decides.
  public static let standard = ImageFormat.nifti

  /// The format that the ending of a file's name says; the standard one for other names.
  public init(ofName path: String) {
    self = Self.suffix(of: path).flatMap { ImageFormat(suffix: $0) } ?? .standard
  }

  /// The other file of a new image in two that are named alike, either of which is named; nil for other paths.
  public static func twin(of path: String) -> String? { NIfTIPair.twins(of: path).first }

  /// The names among those of a folder that stand for an image each: a `.hdr` stands for its `.img` too.
  public static func imageNames(among names: [String]) -> [String] {
    let all = Set(names)
    return names.filter { name in
      guard let suffix = suffix(of: name), let format = ImageFormat(suffix: suffix) else { return false }
      return !format.codec.isCompanion(name, among: all)
    }
  }

  /// The format of a file: the one that its content shows, else the one that its name says.
  ///
  /// - Throws: `ImageError.unknownFormat`, or what keeps the file from being opened.
  init(ofFile path: String) throws(ImageError) {
    let start = try ImageFile(path: path).start(count: Self.magicByteCount)
    let known = Self.allCases.first { $0.codec.recognises(start) }
    if known == nil, DICOMFile.recognises(start) { throw .dicomFile(path: path) }
    let named = Self.suffix(of: path).flatMap { ImageFormat(suffix: $0) }
    guard let format = known ?? named else { throw .unknownFormat(path: path) }
    self = format
  }
}

// MARK: Reading and writing

extension ImageFormat {
  func readHeader(_ path: String) throws(ImageError) -> ImageHeader { try codec.readHeader(path) }

  func read(_ path: String, for use: VoxelUse) throws(ImageError) -> Image {
    try codec.read(path, for: use)
  }

  /// Returns the files of a mask in the geometry of the scan that it belongs to, not written yet, in
  /// the order in which they should be: a file of voxels before the header that names it.
  ///
  /// - Throws: `ImageError.sizeMismatch` when the grids differ.
  public func files(
    of labels: LabelVolume, like header: ImageHeader, at path: String
  ) throws(ImageError) -> [EncodedFile] {
    try codec.files(of: labels, like: header, at: path)
  }

  /// Returns the files of intensities in the geometry of the scan that they belong to, not written yet, in the
  /// order in which they should be: a file of voxels before the header that names it.
  ///
  /// - Throws: `ImageError.sizeMismatch` when the grids differ, `.notRepresentable` when a value does not fit in an
  ///   integer type, `.cannotWrite` when the format cannot hold it.
  public func files(
    of volume: Volume, like header: ImageHeader, as type: VoxelType = .float32, at path: String
  ) throws(ImageError) -> [EncodedFile] {
    try codec.files(of: volume, like: header, as: type, at: path)
  }
}
