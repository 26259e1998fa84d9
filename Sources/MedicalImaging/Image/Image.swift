/// A scan or a mask as its files have it: the voxels stay as they are stored until intensities or labels are asked for.
public struct Image: Sendable {
  public internal(set) var header: ImageHeader
  /// i fastest, then j, k and the channel; of a scan in several files one part for each, channel after channel.
  private(set) var parts: [StoredVoxels]
  /// What is odd about the files, without keeping them from being read.
  public internal(set) var remarks: [ImageRemark]

  init(header: ImageHeader, voxels: StoredVoxels, remarks: [ImageRemark] = []) {
    precondition(voxels.count == header.size.count * header.channelCount)
    self.header = header
    parts = [voxels]
    self.remarks = remarks
  }

  public var size: GridSize { header.size }
  public var channelCount: Int { header.channelCount }
  public var geometry: Geometry { header.geometry }

  /// Reads a file; its content decides on the format, then its name.
  ///
  /// - Throws: `ImageError` for a file that is missing, truncated, damaged or of an unknown kind.
  public init(contentsOf path: String) throws(ImageError) {
    self = try ImageFormat(ofFile: path).read(path, for: .any)
  }

  /// Reads a scan of one file, or of several with some of its channels each.
  ///
  /// - Precondition: at least one path.
  /// - Throws: as for one file, and `ImageError.channelGridMismatch` for files on different grids.
  public init(contentsOf paths: [String]) throws(ImageError) {
    var images: [Image] = []
    for path in paths { images.append(try Image(contentsOf: path)) }
    try self.init(joining: images)
  }

  /// Reads a scan for its intensities alone: what ``volume()`` gives is the same, and voxels that a file stores in 8 bytes take
  /// 4 in memory, which labels may not survive.
  ///
  /// - Precondition: at least one path.
  /// - Throws: as for several files.
  public init(intensitiesOf paths: [String]) throws(ImageError) {
    var images: [Image] = []
    for path in paths { images.append(try ImageFormat(ofFile: path).read(path, for: .intensities)) }
    try self.init(joining: images)
  }

  /// Joins images on one grid to one, channel after channel, in the order of the axes of the first. What is written like it is
  /// written like the first.
  ///
  /// - Precondition: at least one image.
  /// - Throws: `ImageError.channelGridMismatch` for images on different grids.
  public init(joining images: [Image]) throws(ImageError) {
    self = images[0]
    for image in images.dropFirst() {
      parts += try image.parts(onGridOf: header)
      header.channelCount += image.channelCount
      remarks += image.remarks
    }
  }

  /// Returns the intensities, 32-bit floats. Some may be infinite or not a number: see ``Volume/nonFiniteVoxelCount``.
  public func volume() -> Volume {
    Volume(size: size, channelCount: channelCount, geometry: geometry, voxels: intensities)
  }

  private var intensities: [Float] {
    parts.count == 1 ? parts[0].intensities : Array(parts.map(\.intensities).joined())
  }

  /// Returns the class index of every voxel.
  ///
  /// Integers are taken exactly; floats and scaled values within 0.001 of a whole number, so that masks survive a tool
  /// that stored them with a scale.
  /// - Throws: `ImageError.multiChannelLabels` for several channels, `.invalidLabel` or `.invalidScaledLabel` at the
  ///   first value that is not a whole number from 0 to 255.
  public func labelVolume() throws(ImageError) -> LabelVolume {
    guard channelCount == 1 else {
      throw .multiChannelLabels(path: header.provenance.path, channelCount: channelCount)
    }
    do throws(StoredVoxels.NotALabel) {
      return LabelVolume(size: size, geometry: geometry, labels: try parts[0].labels())
    } catch {
      let (i, j, k) = (error.index % size.i, error.index / size.i % size.j, error.index / size.i / size.j)
      let path = header.provenance.path
      guard parts[0].isScaled else { throw .invalidLabel(path: path, value: error.value, i: i, j: j, k: k) }
      throw .invalidScaledLabel(
        path: path, value: error.value, i: i, j: j, k: k, slope: parts[0].slope, intercept: parts[0].intercept
      )
    }
  }
}

/// Something odd about an image's file that does not keep it from being read.
public enum ImageRemark: Hashable, Sendable {
  /// The file goes on behind its voxels, which hints at a damaged header.
  case trailingData
  /// The file declares other bits per voxel than its type has.
  case bitsPerVoxelMismatch(bits: Int, voxelType: VoxelType)
  /// The first of two statements of the geometry is unusable and the second was taken.
  case secondGeometry(unusable: String, used: String)
}

extension Image {
  /// The voxels in the order of the axes of another file of the same scan.
  ///
  /// - Throws: `ImageError.channelGridMismatch` where that lies on another grid.
  private func parts(onGridOf first: ImageHeader) throws(ImageError) -> [StoredVoxels] {
    switch MaskPlacement(of: header.grid, on: first.grid) {
    case .onScan(let arrangement):
      return parts.map { $0.rearranged(size, by: arrangement) }
    case .elsewhere(let difference):
      throw .channelGridMismatch(
        path: header.provenance.path, first: first.provenance.path, difference: "\(difference)")
    }
  }
}

extension Volume {
  /// How many voxels, over all channels, are infinite or not a number.
  public var nonFiniteVoxelCount: Int {
    voxels.reduce(0) { $0 + ($1.isFinite ? 0 : 1) }
  }
}
