/// A figure that exists only where the class does.
public enum Measured: Equatable, Sendable {
  case value(Double)
  /// The class is in neither mask: there is nothing to measure.
  case absentInBoth
  /// The class is in the prediction only.
  case absentInTruth
  /// The class is in the truth only.
  case absentInPrediction

  /// The figure; nil where the class is absent.
  public var value: Double? {
    if case .value(let value) = self { return value }
    return nil
  }
}

/// Soft Dice of one class of one case.
///
///     (2 * sum(p * t) + 1e-6) / (sum(p) + sum(t) + 1e-6)
///
/// for probabilities p and truth t (0 or 1), plain sums in the denominator.
///
/// Source: the reference system's loss and metric (Sorensen).
public func softDice(probabilities: [Float], truth: [Float]) -> Double {
  precondition(probabilities.count == truth.count, "one probability for each voxel of truth")
  var (both, sum) = (0.0, 0.0)
  for (p, t) in zip(probabilities, truth) {
    both += Double(p) * Double(t)
    sum += Double(p) + Double(t)
  }
  return (2 * both + 1e-6) / (sum + 1e-6)
}

/// Dice of one class of two masks: 2 |A and B| / (|A| + |B|). A class that is in one mask only has Dice 0,
/// which is a measurement; one that is in neither has none.
public func dice(_ prediction: LabelVolume, _ truth: LabelVolume, label: UInt8) -> Measured {
  precondition(prediction.size == truth.size, "masks on one grid")
  var (both, sum) = (0, 0)
  for (p, t) in zip(prediction.labels, truth.labels) {
    if p == label { sum += 1 }
    if t == label { sum += 1 }
    if p == label && t == label { both += 1 }
  }
  return sum == 0 ? .absentInBoth : .value(2 * Double(both) / Double(sum))
}
