/// A scan in memory: one or more channels of 32-bit floats on one grid of voxels.
///
/// `voxels` is in the order of the NIfTI array: i fastest, then j, then k, then the channel.
public struct Volume: Equatable, Sendable {
  public let size: GridSize
  public let channelCount: Int
  public let geometry: Geometry
  /// `size.count * channelCount` values, i fastest.
  public var voxels: [Float]

  public init(size: GridSize, channelCount: Int = 1, geometry: Geometry, voxels: [Float]) {
    precondition(voxels.count == size.count * channelCount)
    self.size = size
    self.channelCount = channelCount
    self.geometry = geometry
    self.voxels = voxels
  }
}

/// A segmentation in memory: one class index per voxel, in the order of the NIfTI array (i fastest).
public struct LabelVolume: Equatable, Sendable {
  public let size: GridSize
  public let geometry: Geometry
  /// `size.count` class indices.
  public var labels: [UInt8]

  public init(size: GridSize, geometry: Geometry, labels: [UInt8]) {
    precondition(labels.count == size.count)
    self.size = size
    self.geometry = geometry
    self.labels = labels
  }
}
