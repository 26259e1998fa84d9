/// Soft Dice of every class of one case, of probabilities that come part by part.
///
///     (2 * sum(p * t) + 1e-6) / (sum(p) + sum(t) + 1e-6)
///
/// for probabilities p and truth t (0 or 1) of each voxel, plain sums in the denominator. Summed in float64, voxel by voxel:
/// how a case is divided into parts does not change a bit.
///
/// Source: the reference system's loss and metric (Sorensen).
public struct SoftDice {
  /// For each class the sums of p * t, and of p and t.
  private var both: [Double]
  private var sums: [Double]

  /// - Parameter classCount: the background counts.
  public init(classCount: Int) {
    both = [Double](repeating: 0, count: classCount)
    sums = both
  }

  /// Adds voxels.
  ///
  /// - Parameters:
  ///   - probabilities: `[voxels, classes]`.
  ///   - labels: the true class of each voxel, an index below the number of classes.
  public mutating func add(probabilities: [Float], labels: ArraySlice<UInt8>) {
    precondition(probabilities.count == labels.count * both.count, "one probability for each voxel and class")
    var position = 0
    for label in labels {
      for candidate in both.indices {
        let (p, t) = (Double(probabilities[position]), candidate == Int(label) ? 1.0 : 0)
        both[candidate] += p * t
        sums[candidate] += p + t
        position += 1
      }
    }
  }

  /// One figure for each class, the background first; 1 for a class without probability and truth.
  public var values: [Double] { zip(both, sums).map { (2 * $0 + 1e-6) / ($1 + 1e-6) } }
}
