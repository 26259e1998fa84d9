/// What is known of an image without its voxels. It names no format: what is peculiar to one hides in `provenance`.
public struct ImageHeader: Sendable {
  public let size: GridSize
  public internal(set) var channelCount: Int
  public let geometry: Geometry
  /// How the file stores a voxel.
  public let voxelType: VoxelType
  public let provenance: Provenance
  /// The file's format and variant, such as "NIfTI-1, littleEndian endian, int16".
  public let formatDescription: String
  /// What else the file says, for a user to read.
  public let details: [Detail]
  /// Whether the file tells where its axes point; else the geometry has them point to the right, the front and up.
  public let tellsOrientation: Bool

  /// A line of a description, such as "scaling" and "slope 1.0, intercept 0.0".
  public struct Detail: Equatable, Sendable {
    public let name: String
    public let value: String

    init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  init(
    size: GridSize, channelCount: Int, geometry: Geometry, voxelType: VoxelType, provenance: Provenance,
    formatDescription: String, details: [Detail], tellsOrientation: Bool = true
  ) {
    self.size = size
    self.channelCount = channelCount
    self.geometry = geometry
    self.voxelType = voxelType
    self.provenance = provenance
    self.formatDescription = formatDescription
    self.details = details
    self.tellsOrientation = tellsOrientation
  }

  /// The header of an image that is not from a file.
  ///
  /// - Parameters:
  ///   - size: in voxels.
  ///   - channelCount: of each voxel.
  ///   - geometry: of the grid.
  ///   - voxelType: in which voxels are stored.
  ///   - format: in which it would be written.
  ///   - comment: free text for the formats that keep some; NIfTI holds 79 bytes.
  public init(
    size: GridSize, channelCount: Int = 1, geometry: Geometry, voxelType: VoxelType, format: ImageFormat,
    comment: String = ""
  ) {
    self.init(
      size: size, channelCount: channelCount, geometry: geometry, voxelType: voxelType,
      provenance: Provenance(path: "new image", format: format, comment: comment),
      formatDescription: format.rawValue, details: [])
  }

  /// The most voxels that are read (all channels together): 8 GiB as 32-bit floats.
  public static let maximumVoxelCount = 1 << 31

  /// Returns the product of extents that are at least 1; nil when it is more than is read.
  static func voxelCount(_ extents: [Int]) -> Int? {
    var count = 1
    for extent in extents {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= maximumVoxelCount else { return nil }
      count = product
    }
    return count
  }

  /// The format of the image's file.
  public var format: ImageFormat { provenance.format }

  /// Reads what a file says of its image, and not its voxels.
  ///
  /// - Throws: `ImageError` for a file that is missing, damaged or of an unknown kind.
  public init(contentsOf path: String) throws(ImageError) {
    self = try ImageFormat(ofFile: path).readHeader(path)
  }
}

/// Where an image comes from, and what its format needs to write others like it.
public struct Provenance: Sendable {
  /// The file, or the first of several; errors name it.
  public let path: String
  public let format: ImageFormat
  /// Free text of an image that is not from a file.
  let comment: String
  /// What the format kept of the file; nil for an image that is not from one.
  let source: FormatSource?

  init(path: String, format: ImageFormat, comment: String = "", source: FormatSource? = nil) {
    self.path = path
    self.format = format
    self.comment = comment
    self.source = source
  }
}
