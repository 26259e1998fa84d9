/// How the intensities of one channel become the network's input.
public enum Normalization: Codable, Equatable, Sendable {
  /// For MR and all else whose units are arbitrary, over all voxels of the array that the network is given:
  ///
  ///     (x - mean) / standard deviation
  ///
  /// Source: the reference system, which resamples first and then normalises.
  case zScore
  /// For scans most of which is one value outside of what they show, such as MR without the skull: as the z-score, over the
  /// voxels inside alone; those outside become 0. Outside is the value that most of the array's eight corners have.
  ///
  /// Source: Isensee et al. 2021, nnU-Net, supplementary note 2, which takes 0 for the value outside.
  case zScoreInside
  /// For CT, whose units mean something, by the foreground's statistics over all training cases, the bounds its
  /// percentiles 0.5 and 99.5:
  ///
  ///     (min(max(x, lower bound), upper bound) - mean) / standard deviation
  ///
  /// Source: Isensee et al. 2021, nnU-Net, supplementary note 2.
  case clip(IntensityStatistics)

  /// Whether a channel of this modality is CT, by its name in `dataset.json` without regard to case; all other
  /// modalities take the z-score.
  public static func isCT(_ modality: String) -> Bool {
    let name = modality.trimmingSpaces.uppercased()
    return name == "CT" || name.hasPrefix("CT ")
  }

  /// In a few words, for a user.
  public var summary: String {
    switch self {
    case .zScore: "scan by scan, to mean 0 and deviation 1"
    case .zScoreInside:
      "scan by scan, to mean 0 and deviation 1 inside of the value that its corners have, which becomes 0"
    case .clip(let statistics): "by the training cases' foreground: \(statistics.summary)"
    }
  }

  /// Normalises one channel on a grid in place. Computed in float64.
  ///
  /// Where the standard deviation is 0, all becomes 0: a scan without contrast says nothing, and verification
  /// refuses it.
  func apply(to voxels: inout ArraySlice<Float>, on size: GridSize) {
    let corners = size.cornerPositions.map { voxels[voxels.startIndex + $0] }
    let map = voxelMap(corners: corners) { outside in
      outside.map { outside in MedicalImaging.moments(voxels.filter { $0 != outside }) }
        ?? MedicalImaging.moments(voxels)
    }
    for i in voxels.indices { voxels[i] = map(voxels[i]) }
  }

  /// What becomes of each voxel.
  ///
  /// - Parameters:
  ///   - corners: the voxels at the grid's eight corners.
  ///   - moments: of the channel, without the voxels that have some value; called where they count.
  func voxelMap(
    corners: @autoclosure () -> [Float], _ moments: (_ outside: Float?) -> (mean: Double, deviation: Double)
  ) -> VoxelMap {
    switch self {
    case .zScore:
      let (mean, deviation) = moments(nil)
      return VoxelMap(mean: mean, deviation: deviation)
    case .zScoreInside:
      let outside = mostCommon(corners())
      let (mean, deviation) = moments(outside)
      return VoxelMap(mean: mean, deviation: deviation, outside: outside)
    case .clip(let statistics):
      return VoxelMap(
        low: Float(statistics.lowerBound), high: Float(statistics.upperBound), mean: statistics.mean,
        deviation: statistics.standardDeviation)
    }
  }
}

/// What a normalisation makes of a voxel: `(min(max(x, low), high) - mean) / deviation`, computed in float64; 0 outside.
struct VoxelMap {
  private let low, high: Float
  private let mean, factor: Double
  /// What voxels outside have; not a number, which equals nothing, where all are inside.
  private let outside: Float

  /// - Parameter deviation: where it is 0, all becomes 0.
  init(
    low: Float = -.infinity, high: Float = .infinity, mean: Double, deviation: Double, outside: Float? = nil
  ) {
    (self.low, self.high, self.mean) = (low, high, mean)
    factor = deviation > 0 ? 1 / deviation : 0
    self.outside = outside ?? .nan
  }

  func callAsFunction(_ voxel: Float) -> Float {
    voxel == outside ? 0 : Float((Double(min(max(voxel, low), high)) - mean) * factor)
  }
}

extension Volume {
  /// Returns the volume with each channel normalised in its own way.
  ///
  /// - Precondition: one normalisation for each channel.
  public func normalized(_ normalizations: [Normalization]) -> Volume {
    precondition(normalizations.count == channelCount, "one normalisation for each channel")
    var result = self
    for (channel, normalization) in normalizations.enumerated() {
      let range = channel * size.count..<(channel + 1) * size.count
      normalization.apply(to: &result.voxels[range], on: size)
    }
    return result
  }
}

extension String {
  fileprivate var trimmingSpaces: Substring {
    let isSpace: (Character) -> Bool = { $0.isWhitespace }
    let start = drop(while: isSpace)
    guard let last = start.lastIndex(where: { !isSpace($0) }) else { return "" }
    return start[...last]
  }
}
