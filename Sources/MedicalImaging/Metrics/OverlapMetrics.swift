/// Soft Dice of every class of one case at the network's resolution:
///
///     (2 * sum(p * t) + 1e-6) / (sum(p) + sum(t) + 1e-6)
///
/// for probabilities p and truth t (0 or 1) of each voxel, plain sums in the denominator. Summed in float64.
///
/// Source: the reference system's loss and metric (Sorensen).
///
/// - Parameters:
///   - probabilities: `[D, H, W, classes]`.
///   - labels: `[D, H, W]`, class indices below `classCount`.
/// - Returns: one figure for each class, the background first.
public func softDice(probabilities: [Float], labels: [UInt8], classCount: Int) -> [Double] {
  precondition(probabilities.count == labels.count * classCount, "one probability for each voxel and class")
  var both = [Double](repeating: 0, count: classCount)
  var sum = both
  var position = 0
  for label in labels {
    for candidate in 0..<classCount {
      let probability = Double(probabilities[position + candidate])
      let isTrue = Int(label) == candidate
      if isTrue { both[candidate] += probability }
      sum[candidate] += probability + (isTrue ? 1 : 0)
    }
    position += classCount
  }
  return zip(both, sum).map { (2 * $0 + 1e-6) / ($1 + 1e-6) }
}

/// Dice of one class of two masks on one grid.
///
///     2 |A and B| / (|A| + |B|)
///
/// A class that the prediction misses altogether has Dice 0: that is a measurement, and leaving it out would
/// flatter the mean. A class that the truth lacks has none, whether predicted or not.
///
/// Source: Dice 1945, Sorensen 1948; nnU-Net counts a class absent in the truth but predicted as 0 instead.
public func dice(_ prediction: LabelVolume, _ truth: LabelVolume, label: UInt8) -> Measured {
  precondition(prediction.size == truth.size, "masks on one grid")
  var (both, predicted, actual) = (0, 0, 0)
  for (p, t) in zip(prediction.labels, truth.labels) {
    if p == label { predicted += 1 }
    if t == label { actual += 1 }
    if p == label && t == label { both += 1 }
  }
  guard actual > 0 else { return predicted > 0 ? .absentInTruth : .absentInBoth }
  return .value(2 * Double(both) / Double(predicted + actual))
}
