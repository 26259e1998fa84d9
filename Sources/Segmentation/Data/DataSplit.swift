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

/// The division of a data set's labelled cases into those that train and those that validate. Cases of one subject are never
/// divided at random.
public struct DataSplit: Equatable, Sendable {
  public let training: [Case]
  public let validation: [Case]

  private init(training: [Case], validation: [Case]) {
    self.training = training.sorted { $0.name < $1.name }
    self.validation = validation.sorted { $0.name < $1.name }
  }

  /// Divides cases at random. The result depends on the names, the subjects, the fraction and the seed only, not on the
  /// order in which the cases are listed.
  ///
  /// - Parameters:
  ///   - cases: to divide.
  ///   - trainingFraction: the share that trains, above 0 and at most 1, rounded to whole cases, and to whole subjects next
  ///     to that; at least one subject trains, and below 1 at least one validates when there are two.
  ///   - seed: another seed, another division.
  public init(_ cases: [Case], trainingFraction: Double, seed: UInt64) {
    self.init(SubjectGroups(cases), trainingFraction: trainingFraction, seed: seed)
  }

  /// Divides cases at random into folds whose sizes differ by at most one where each case is a subject by itself; one of
  /// them validates, the others train. Every case validates in exactly one fold.
  ///
  /// - Precondition: at least two folds, no more than subjects.
  public init(_ cases: [Case], fold: Fold, seed: UInt64) {
    self.init(SubjectGroups(cases), fold: fold, seed: seed)
  }

  init(_ subjects: SubjectGroups, trainingFraction: Double, seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let shuffled = subjects.groups.shuffled(using: &generator)
    let wanted = Int((Double(subjects.caseCount) * trainingFraction).rounded())
    var best = (groups: 0, cases: 0)
    var caseCount = 0
    for (index, group) in shuffled.enumerated() {
      caseCount += group.count
      if abs(caseCount - wanted) < abs(best.cases - wanted) || index == 0 { best = (index + 1, caseCount) }
    }
    let most = trainingFraction < 1 ? max(1, shuffled.count - 1) : shuffled.count
    let count = min(best.groups, most, shuffled.count)
    self.init(training: shuffled[..<count].flatMap { $0 }, validation: shuffled[count...].flatMap { $0 })
  }

  /// Each subject, in random order, goes to the fold with the fewest cases so far.
  init(_ subjects: SubjectGroups, fold: Fold, seed: UInt64) {
    precondition(
      fold.count >= 2 && (0..<fold.count).contains(fold.index) && subjects.groups.count >= fold.count)
    var generator = SplitMix64(seed: seed)
    var folds = [[Case]](repeating: [], count: fold.count)
    for group in subjects.groups.shuffled(using: &generator) {
      let least = folds.indices.min { folds[$0].count < folds[$1].count }!
      folds[least] += group
    }
    let others = folds.indices.filter { $0 != fold.index }
    self.init(training: others.flatMap { folds[$0] }, validation: folds[fold.index])
  }

  /// Divides cases as somebody listed them; cases in neither part are left out.
  init(_ cases: [Case], _ part: Splits.Part) {
    let (training, validation) = (Set(part.training), Set(part.validation))
    self.init(
      training: cases.filter { training.contains($0.name) },
      validation: cases.filter { validation.contains($0.name) })
  }
}
