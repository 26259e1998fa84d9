import MedicalImaging
import SeededRandom

/// The division of a data set's labelled cases into those that train and those that validate.
public struct DataSplit: Equatable, Sendable {
  public let training: [Case]
  public let validation: [Case]

  /// Divides cases at random. The result depends on the names, the fraction and the seed only, not on the order
  /// in which the cases are listed.
  ///
  /// - Parameters:
  ///   - trainingFraction: the share that trains, above 0 and at most 1, rounded to whole cases; at least one
  ///     case trains, and below 1 at least one validates when there are two.
  ///   - seed: another seed, another division.
  public init(_ cases: [Case], trainingFraction: Double, seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let shuffled = cases.sorted { $0.name < $1.name }.shuffled(using: &generator)
    var count = Int((Double(cases.count) * trainingFraction).rounded())
    if trainingFraction < 1 { count = min(count, cases.count - 1) }
    count = max(count, min(1, cases.count))
    training = shuffled[..<count].sorted { $0.name < $1.name }
    validation = shuffled[count...].sorted { $0.name < $1.name }
  }
}
