/// A NIfTI file in memory: its header and its voxels as stored.
public struct NIfTIImage: Sendable {
  public let header: NIfTIHeader
  /// What lies between header and voxels: the four bytes that announce extensions, and the extensions.
  public let extensions: [UInt8]
  /// The voxels as stored: `header.dataType` in `header.byteOrder`, i fastest, `header.dataByteCount` bytes.
  public let data: [UInt8]
  /// Whether the file goes on behind its voxels, which hints at a damaged header.
  public let hasTrailingData: Bool

  /// Reads `.nii` or `.nii.gz`; the content decides, not the name.
  ///
  /// - Throws: `NIfTIError` when the file is missing, truncated, damaged or of an unsupported kind.
  public init(contentsOf path: String) throws(NIfTIError) {
    let file = try ImageFile(path: path)
    header = try NIfTIHeader(readingFrom: file)
    extensions = try file.bytes(count: header.dataOffset - header.bytes.count)
    data = try file.bytes(count: header.dataByteCount)
    hasTrailingData = try file.hasMore()
  }

  /// Returns the intensities, `scl_slope * stored + scl_inter`, with one channel per entry of the last axis.
  ///
  /// Values are computed in 64 bits and rounded to 32. Some may be infinite or not a number: see
  /// ``Volume/nonFiniteVoxelCount``.
  /// - Throws: `NIfTIError` when scaling, geometry or axes make no scan.
  public func volume() throws(NIfTIError) -> Volume {
    let channelCount = try header.channelCount()
    return Volume(
      size: header.size, channelCount: channelCount, geometry: try header.geometry(),
      voxels: try intensities())
  }

  /// Returns the class index of every voxel.
  ///
  /// - Throws: `NIfTIError.invalidLabel` at the first value that is not a whole number from 0 to 255 (as a
  ///   32-bit float), `.multiChannelLabels` for several channels, and what ``volume()`` throws.
  public func labelVolume() throws(NIfTIError) -> LabelVolume {
    let channelCount = try header.channelCount()
    guard channelCount == 1 else {
      throw .multiChannelLabels(path: header.path, channelCount: channelCount)
    }
    let geometry = try header.geometry()
    if header.dataType == .uint8, try header.scaling() == (1, 0) {
      return LabelVolume(size: header.size, geometry: geometry, labels: data)
    }
    return LabelVolume(size: header.size, geometry: geometry, labels: try labels(from: intensities()))
  }

  private func intensities() throws(NIfTIError) -> [Float] {
    let (slope, intercept) = try header.scaling()
    let decoding = VoxelDecoding(
      dataType: header.dataType, isSwapped: header.byteOrder != .native, slope: slope, intercept: intercept)
    return decoding.intensities(of: data)
  }

  private func labels(from intensities: [Float]) throws(NIfTIError) -> [UInt8] {
    let valid: (Float) -> Bool = { $0 >= 0 && $0 <= 255 && $0 == $0.rounded() }
    if let index = intensities.firstIndex(where: { !valid($0) }) {
      let size = header.size
      throw .invalidLabel(
        path: header.path, value: intensities[index], i: index % size.i, j: index / size.i % size.j,
        k: index / size.i / size.j)
    }
    return intensities.map { UInt8($0) }
  }
}

extension Volume {
  /// How many voxels, over all channels, are infinite or not a number.
  public var nonFiniteVoxelCount: Int {
    voxels.reduce(0) { $0 + ($1.isFinite ? 0 : 1) }
  }
}
