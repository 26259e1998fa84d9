/// The header of a NIfTI-1 or NIfTI-2 file.
///
/// The bytes are kept as they were read and fields are looked up in them, so a header that nothing touched
/// is written back byte for byte. Shape, voxel type and data offset have been checked.
///
/// Source: nifti1.h and nifti2.h, https://nifti.nimh.nih.gov.
public struct NIfTIHeader: Sendable {
  public enum Version: Int, Sendable {
    case one = 1
    case two = 2

    /// The length of the header in bytes.
    public var headerByteCount: Int { self == .one ? 348 : 540 }
  }

  /// Whether the voxels follow the header (`.nii`) or lie in a file of their own (`.hdr` with `.img`).
  public enum Layout: Sendable, CaseIterable {
    case single
    case pair

    /// The first byte at which voxels may lie: in a single file after the header and four bytes that announce
    /// extensions.
    func minimumDataOffset(_ version: Version) -> Int {
      switch self {
      case .single: version.headerByteCount + 4
      case .pair: 0
      }
    }
  }

  public enum ByteOrder: Sendable {
    case littleEndian
    case bigEndian

    static var native: ByteOrder { UInt16(littleEndian: 1) == 1 ? .littleEndian : .bigEndian }
  }

  /// The most voxels that are read (all channels together): 8 GiB as 32-bit floats.
  public static let maximumVoxelCount = ImageHeader.maximumVoxelCount

  /// The file that the header was read from; errors name it.
  public let path: String
  public let version: Version
  public let byteOrder: ByteOrder
  public internal(set) var layout: Layout
  /// The header as stored, 348 or 540 bytes.
  public internal(set) var bytes: [UInt8]
  /// How voxels are stored.
  public internal(set) var dataType: VoxelType
  /// The extents of the axes in voxels, i first: `dim[1]` to `dim[dim[0]]`, each at least 1.
  public internal(set) var dims: [Int]
  /// The byte (uncompressed) at which the voxels begin, in the file that holds them.
  public internal(set) var dataOffset: Int

  init(
    path: String, version: Version, byteOrder: ByteOrder, layout: Layout, bytes: [UInt8],
    dataType: VoxelType, dims: [Int], dataOffset: Int
  ) {
    precondition(bytes.count == version.headerByteCount)
    self.path = path
    self.version = version
    self.byteOrder = byteOrder
    self.layout = layout
    self.bytes = bytes
    self.dataType = dataType
    self.dims = dims
    self.dataOffset = dataOffset
  }

  /// The number of stored values: the product of `dims`.
  public var voxelCount: Int { dims.reduce(1, *) }

  /// The size of the voxels in the file, in bytes.
  public var dataByteCount: Int { voxelCount * dataType.byteCount }
}

extension NIfTIHeader: Equatable {
  /// Two headers are equal when their bytes are, whatever file they came from.
  public static func == (left: NIfTIHeader, right: NIfTIHeader) -> Bool {
    left.version == right.version && left.byteOrder == right.byteOrder && left.bytes == right.bytes
  }
}

extension NIfTIHeader {
  /// The unit of spacing and affine (`xyzt_units`, bits 0-2).
  public enum SpatialUnit: Int, Sendable {
    case unknown = 0
    case metre = 1
    case millimetre = 2
    case micrometre = 3

    /// The length of one unit in mm; an unknown unit counts as mm.
    public var millimetres: Double {
      switch self {
      case .unknown, .millimetre: 1
      case .metre: 1000
      case .micrometre: 0.001
      }
    }
  }

  public var spatialUnit: SpatialUnit { SpatialUnit(rawValue: integer(.xyztUnits) & 7) ?? .unknown }
  /// The code of the unit of time (`xyzt_units`, bits 3-5): 0 unknown, 8 s, 16 ms, 24 us, 32 Hz, ...
  public var temporalUnitCode: Int { integer(.xyztUnits) & 0x38 }
  /// `pixdim[0]` (qfac) to `pixdim[7]`, in the header's own units.
  public var pixdim: [Double] { numbers(.pixdim, count: 8) }
  /// Bits per voxel as declared; `dataType` decides.
  public var bitpix: Int { integer(.bitpix) }
  /// What the qform's coordinates are: 0 none, 1 scanner, 2 aligned, 3 Talairach, 4 MNI 152.
  public var qformCode: Int { integer(.qformCode) }
  /// What the sform's coordinates are, in the same codes.
  public var sformCode: Int { integer(.sformCode) }
  /// What the voxels mean, statistically; 0 is nothing in particular.
  public var intentCode: Int { integer(.intentCode) }
  /// The stored factor; see ``scaling()``.
  public var sclSlope: Double { number(.sclSlope) }
  /// The stored summand; see ``scaling()``.
  public var sclInter: Double { number(.sclInter) }
  public var calMin: Double { number(.calMin) }
  public var calMax: Double { number(.calMax) }
  /// Free text, at most 80 bytes; control characters are replaced.
  public var descrip: String { text(.descrip) }
  public var auxFile: String { text(.auxFile) }
  public var intentName: String { text(.intentName) }

  /// Returns what turns a stored value into an intensity: `intensity = slope * stored + intercept`.
  ///
  /// A slope of zero or one that is not a number means "no scaling", as in nifti1.h and nibabel.
  /// - Throws: `NIfTIError.invalidScaling` when the slope is usable and the intercept is not.
  public func scaling() throws(ImageError) -> (slope: Double, intercept: Double) {
    let (slope, intercept) = (sclSlope, sclInter)
    guard slope != 0, slope.isFinite else { return (1, 0) }
    guard intercept.isFinite else {
      throw .nifti(.invalidScaling(path: path, slope: slope, intercept: intercept))
    }
    return (slope, intercept)
  }

  /// Returns the grid of voxels in space; an axis that the file lacks has extent 1.
  public var size: GridSize {
    GridSize(dims[0], dims.count > 1 ? dims[1] : 1, dims.count > 2 ? dims[2] : 1)
  }

  /// Returns the number of channels: the extent of the one axis beyond the third that is longer than 1.
  ///
  /// Both `[i, j, k, c]` and NIfTI's vector images `[i, j, k, 1, c]` are read; their voxels lie alike.
  /// - Throws: `NIfTIError.unsupportedAxes` when two such axes are longer than 1.
  public func channelCount() throws(ImageError) -> Int {
    let beyond = dims.dropFirst(3).filter { $0 > 1 }
    guard beyond.count <= 1 else { throw .nifti(.unsupportedAxes(path: path, dims: dims)) }
    return beyond.first ?? 1
  }
}
