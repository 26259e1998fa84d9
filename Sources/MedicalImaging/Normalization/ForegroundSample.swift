/// Intensities of foreground voxels of one case, at most so many, so that memory stays bounded and a large case does not
/// outweigh the others.
///
/// Source: nnU-Net's fingerprint takes as many voxels of each case, drawn at random; ours are evenly spaced
/// along the case's foreground instead, which needs no seed.
public struct ForegroundSample: Equatable, Sendable {
  /// One array per channel, all of one length.
  public let intensities: [[Float]]

  /// Takes voxels of a scan whose label is not background (0).
  public init(_ volume: Volume, _ labels: LabelVolume, maximum: Int = 10_000) {
    precondition(volume.size == labels.size && maximum > 0)
    let foreground = labels.labels.indices.filter { labels.labels[$0] != 0 }
    let count = min(foreground.count, maximum)
    let positions = (0..<count).map { foreground[$0 * foreground.count / count] }
    intensities = (0..<volume.channelCount).map { channel in
      positions.map { volume.voxels[channel * volume.size.count + $0] }
    }
  }

  /// The statistics of each channel over some cases; nil where no case has foreground.
  public static func statistics(
    of samples: [ForegroundSample], channelCount: Int
  ) -> [IntensityStatistics?] {
    (0..<channelCount).map { channel in
      IntensityStatistics(of: samples.flatMap { $0.intensities[channel] })
    }
  }
}
