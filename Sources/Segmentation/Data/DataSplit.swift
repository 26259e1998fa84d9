import MedicalImaging
import SeededRandom

/// One part of a cross-validation.
public struct Fold: Codable, Hashable, Sendable, CustomStringConvertible {
  /// From 0.
  public var index: Int
  /// Of all.
  public var count: Int

  public init(_ index: Int, of count: Int) {
    self.index = index
    self.count = count
  }

  public var description: String { "\(index) of \(count)" }
}

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

  /// Divides cases at random into folds of sizes that differ by at most one; one of them validates, the others train.
  /// Every case validates in exactly one fold.
  ///
  /// - Precondition: at least two folds, no more than cases.
  public init(_ cases: [Case], fold: Fold, seed: UInt64) {
    precondition(fold.count >= 2 && (0..<fold.count).contains(fold.index) && cases.count >= fold.count)
    var generator = SplitMix64(seed: seed)
    let shuffled = cases.sorted { $0.name < $1.name }.shuffled(using: &generator)
    let numbered = shuffled.enumerated()
    let isValidation = { (number: Int) in number % fold.count == fold.index }
    training = numbered.filter { !isValidation($0.offset) }.map(\.element).sorted { $0.name < $1.name }
    validation = numbered.filter { isValidation($0.offset) }.map(\.element).sorted { $0.name < $1.name }
  }
}
