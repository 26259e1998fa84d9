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
  /// `[labels, outputs]`, 1 or 0: what is true of each label's voxels. A label beyond them is ignored.
  private let truths: [Double]

  /// - Parameter classCount: the background counts.
  public init(classCount: Int) {
    self.init(trueOutputs: (0..<classCount).map { [$0] }, outputCount: classCount)
  }

  /// Of every output of a network: classes, or regions that overlap.
  public init(_ scheme: LabelScheme) {
    self.init(trueOutputs: scheme.trueOutputs, outputCount: scheme.outputNames.count)
  }

  private init(trueOutputs: [[Int]], outputCount: Int) {
    both = [Double](repeating: 0, count: outputCount)
    sums = both
    truths = trueOutputs.flatMap { outputs in (0..<outputCount).map { outputs.contains($0) ? 1 : 0 } }
  }

  /// Adds voxels.
  ///
  /// - Parameters:
  ///   - probabilities: `[voxels, classes]`.
  ///   - labels: of each voxel the label's index; ignored voxels are left out.
  public mutating func add(probabilities: [Float], labels: ArraySlice<UInt8>) {
    precondition(probabilities.count == labels.count * both.count, "one probability for each voxel and class")
    var position = 0
    for label in labels {
      let truth = Int(label) * both.count
      if truth < truths.count {
        for candidate in both.indices {
          let (p, t) = (Double(probabilities[position + candidate]), truths[truth + candidate])
          both[candidate] += p * t
          sums[candidate] += p + t
        }
      }
      position += both.count
    }
  }

  /// One figure for each output; 1 for a class without probability and truth.
  public var values: [Double] { zip(both, sums).map { (2 * $0 + 1e-6) / ($1 + 1e-6) } }
}
