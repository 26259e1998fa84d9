/// The distribution of one channel's intensities over the foreground voxels of all training cases.
public struct IntensityStatistics: Codable, Equatable, Sendable {
  public var percentile0_5: Double
  public var percentile99_5: Double
  public var mean: Double
  public var standardDeviation: Double

  public init(percentile0_5: Double, percentile99_5: Double, mean: Double, standardDeviation: Double) {
    self.percentile0_5 = percentile0_5
    self.percentile99_5 = percentile99_5
    self.mean = mean
    self.standardDeviation = standardDeviation
  }

  /// The statistics of a sample of intensities; nil for an empty one.
  public init?(of intensities: [Float]) {
    guard !intensities.isEmpty else { return nil }
    let sorted = intensities.sorted()
    let (mean, deviation) = moments(intensities[...])
    self.init(
      percentile0_5: percentile(0.5, ofSorted: sorted.map(Double.init)),
      percentile99_5: percentile(99.5, ofSorted: sorted.map(Double.init)), mean: mean,
      standardDeviation: deviation)
  }
}

/// Gathers foreground intensities case by case, thinned evenly so that memory stays bounded.
public struct ForegroundSampler: Sendable {
  private let maximumPerCase: Int
  private var intensities: [[Float]]

  public init(channelCount: Int, maximumPerCase: Int = 10_000) {
    self.maximumPerCase = maximumPerCase
    intensities = Array(repeating: [], count: channelCount)
  }

  /// Adds the voxels of a scan whose label is not background.
  public mutating func add(_ volume: Volume, _ labels: LabelVolume) {
    let foreground = labels.labels.indices.filter { labels.labels[$0] != 0 }
    let step = max(1, foreground.count / maximumPerCase)
    for channel in intensities.indices {
      let base = channel * volume.size.count
      for position in stride(from: 0, to: foreground.count, by: step) {
        intensities[channel].append(volume.voxels[base + foreground[position]])
      }
    }
  }

  /// The statistics of each channel; nil where no case had foreground.
  public func statistics() -> [IntensityStatistics?] { intensities.map { IntensityStatistics(of: $0) } }
}

/// The p-th percentile of sorted values, linearly interpolated between neighbours (as NumPy's default).
func percentile(_ p: Double, ofSorted values: [Double]) -> Double {
  precondition(!values.isEmpty, "no values, no percentile")
  let position = p / 100 * Double(values.count - 1)
  let lower = Int(position)
  let upper = min(lower + 1, values.count - 1)
  return values[lower] + (position - Double(lower)) * (values[upper] - values[lower])
}
