/// Voxels to be written in the geometry of an image.
struct NewVoxels {
  let header: ImageHeader
  let type: VoxelType
  let channelCount: Int
  /// Little-endian, i fastest, then j, k and the channel.
  let bytes: [UInt8]
  /// Masks shrink to a hundredth at no cost that shows, intensities hardly at all; so masks alone are compressed.
  let isCompressed: Bool

  /// - Throws: `ImageError.sizeMismatch`.
  init(_ labels: LabelVolume, like header: ImageHeader, path: String) throws(ImageError) {
    try header.requireSize(labels.size, path)
    self.header = header
    type = .uint8
    channelCount = 1
    bytes = labels.labels
    isCompressed = true
  }

  /// - Throws: `ImageError.sizeMismatch` or `.notRepresentable`.
  init(_ volume: Volume, like header: ImageHeader, as type: VoxelType, path: String) throws(ImageError) {
    try header.requireSize(volume.size, path)
    var offender: Float = 0
    let encoding = VoxelEncoding(type: type, isBigEndian: false)
    guard let bytes = encoding.bytes(of: volume.voxels, offender: &offender) else {
      throw .notRepresentable(path: path, value: offender, voxelType: type)
    }
    self.header = header
    self.type = type
    channelCount = volume.channelCount
    self.bytes = bytes
    isCompressed = false
  }

  /// The bytes with the channels of a voxel beside each other.
  var interleaved: [UInt8] {
    bytes.exchangingAxes(blockSize: type.byteCount, second: header.size.count, third: channelCount)
  }
}

extension ImageHeader {
  fileprivate func requireSize(_ size: GridSize, _ path: String) throws(ImageError) {
    guard size == self.size else {
      throw .sizeMismatch(path: path, source: provenance.path, sourceSize: self.size, size: size)
    }
  }
}
