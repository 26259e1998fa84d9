/// Gathers the intensities of foreground voxels case by case, at most so many of a case, so that memory stays
/// bounded and a large case does not outweigh the others.
///
/// Source: nnU-Net's fingerprint takes as many voxels of each case, drawn at random; ours are evenly spaced
/// along the case's foreground instead, which needs no seed.
public struct ForegroundSampler: Sendable {
  private let maximumPerCase: Int
  /// One array per channel.
  private var intensities: [[Float]]

  public init(channelCount: Int, maximumPerCase: Int = 10_000) {
    precondition(channelCount > 0 && maximumPerCase > 0)
    self.maximumPerCase = maximumPerCase
    intensities = Array(repeating: [], count: channelCount)
  }

  /// Adds the voxels of a scan whose label is not background (0).
  public mutating func add(_ volume: Volume, _ labels: LabelVolume) {
    precondition(volume.size == labels.size && volume.channelCount == intensities.count)
    let foreground = labels.labels.indices.filter { labels.labels[$0] != 0 }
    let count = min(foreground.count, maximumPerCase)
    let positions = (0..<count).map { foreground[$0 * foreground.count / count] }
    for channel in intensities.indices {
      let base = channel * volume.size.count
      intensities[channel].append(contentsOf: positions.lazy.map { volume.voxels[base + $0] })
    }
  }

  /// The statistics of each channel; nil where no case had foreground.
  public func statistics() -> [IntensityStatistics?] { intensities.map { IntensityStatistics(of: $0) } }
}
