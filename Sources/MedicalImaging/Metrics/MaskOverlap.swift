/// How many voxels of one class two masks on one grid have, counted in one pass.
public struct MaskOverlap: Equatable, Sendable {
  public private(set) var predictedCount = 0
  public private(set) var trueCount = 0
  /// In both masks.
  public private(set) var commonCount = 0

  public init(prediction: LabelVolume, truth: LabelVolume, label: UInt8) {
    precondition(prediction.size == truth.size, "masks on one grid")
    for (p, t) in zip(prediction.labels, truth.labels) {
      if p == label { predictedCount += 1 }
      if t == label { trueCount += 1 }
      if p == label && t == label { commonCount += 1 }
    }
  }

  /// Dice of the class.
  ///
  ///     2 |A and B| / (|A| + |B|)
  ///
  /// A class that the prediction misses altogether has Dice 0: that is a measurement, and leaving it out would
  /// flatter the mean. A class that the truth lacks has none, whether predicted or not.
  ///
  /// Source: Dice 1945, Sorensen 1948; nnU-Net counts a class absent in the truth but predicted as 0 instead.
  public var dice: Measured {
    guard trueCount > 0 else { return predictedCount > 0 ? .absentInTruth : .absentInBoth }
    return .value(2 * Double(commonCount) / Double(predictedCount + trueCount))
  }
}
