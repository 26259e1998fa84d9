/// How the intensities of one channel become the network's input.
public enum Normalization: Codable, Equatable, Sendable {
  /// (x - mean) / standard deviation over all voxels of the scan: for MR, whose units are arbitrary.
  case zScore
  /// Clipped to the foreground's percentiles, then shifted and scaled by the foreground's mean and standard
  /// deviation over all training cases: for CT, whose units mean something.
  ///
  /// Source: Isensee et al. 2021, nnU-Net, supplementary note 2.
  case clip(IntensityStatistics)

  /// Whether a channel of this modality is CT, by its name in `dataset.json`.
  public static func isCT(_ modality: String) -> Bool {
    let name = modality.trimmingSpaces.uppercased()
    return name == "CT" || name.hasPrefix("CT ")
  }

  /// Normalises one channel in place.
  public func apply(to voxels: inout ArraySlice<Float>) {
    switch self {
    case .zScore:
      let (mean, deviation) = moments(voxels)
      scale(&voxels, mean, deviation)
    case .clip(let statistics):
      let (low, high) = (Float(statistics.percentile0_5), Float(statistics.percentile99_5))
      for i in voxels.indices { voxels[i] = min(max(voxels[i], low), high) }
      scale(&voxels, statistics.mean, statistics.standardDeviation)
    }
  }

  /// A scan without contrast becomes zeros rather than infinities: it says nothing, and verification names it.
  private func scale(_ voxels: inout ArraySlice<Float>, _ mean: Double, _ deviation: Double) {
    let factor = deviation > 0 ? 1 / deviation : 0
    for i in voxels.indices { voxels[i] = Float((Double(voxels[i]) - mean) * factor) }
  }
}

extension Volume {
  /// Returns the volume with each channel normalised in its own way.
  public func normalized(_ normalizations: [Normalization]) -> Volume {
    precondition(normalizations.count == channelCount, "one normalisation for each channel")
    var result = self
    for (channel, normalization) in normalizations.enumerated() {
      let range = channel * size.count..<(channel + 1) * size.count
      normalization.apply(to: &result.voxels[range])
    }
    return result
  }
}

/// Mean and population standard deviation, in float64.
func moments(_ values: ArraySlice<Float>) -> (mean: Double, deviation: Double) {
  guard !values.isEmpty else { return (0, 0) }
  let count = Double(values.count)
  var sum = 0.0
  for value in values { sum += Double(value) }
  let mean = sum / count
  var squares = 0.0
  for value in values { squares += (Double(value) - mean) * (Double(value) - mean) }
  return (mean, (squares / count).squareRoot())
}

extension String {
  fileprivate var trimmingSpaces: Substring {
    let isSpace: (Character) -> Bool = { $0.isWhitespace }
    let start = drop(while: isSpace)
    guard let last = start.lastIndex(where: { !isSpace($0) }) else { return "" }
    return start[...last]
  }
}
