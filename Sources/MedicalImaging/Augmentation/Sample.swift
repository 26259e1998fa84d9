/// A training sample: a scan on the network's grid and its labels, which transforms change together.
///
/// Arrays are in the network's order, as they are cached; see `Volume.networkOrdered`.
public struct Sample: Equatable, Sendable {
  /// Voxels along D, H, W.
  public let extents: [Int]
  public let channelCount: Int
  /// `[D, H, W, C]`, the channel fastest.
  public var image: [Float]
  /// `[D, H, W]`.
  public var labels: [UInt8]

  public init(extents: [Int], channelCount: Int, image: [Float], labels: [UInt8]) {
    let count = extents.reduce(1, *)
    precondition(extents.count == 3 && image.count == count * channelCount && labels.count == count)
    self.extents = extents
    self.channelCount = channelCount
    self.image = image
    self.labels = labels
  }
}
