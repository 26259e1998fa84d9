/// Two evaluations of the same cases, side by side: what the second has more or less than the first.
public struct EvaluationComparison: Sendable {
  public let first: EvaluationFile
  public let second: EvaluationFile
  /// In the order of the alphabet, as the cases.
  public let classNames: [String]
  /// Those that are in both, by their names.
  public let cases: [String]
  public let casesOnlyInFirst: [String]
  public let casesOnlyInSecond: [String]
  /// Those that some case has in both files.
  public let figures: [EvaluationFigure]
  /// The cases whose truth has another volume in the second: both were not measured against the same masks.
  public let casesOfOtherTruth: [String]
  private let differences: [EvaluationFigure: [String: PairedDifference]]
  private let foreground: [EvaluationFigure: PairedDifference]

  /// - Throws: `ComparisonError` where the classes differ or no case is in both.
  public init(_ first: EvaluationFile, _ second: EvaluationFile) throws {
    guard first.classNames == second.classNames else {
      throw ComparisonError.classesDiffer(
        path: second.path, found: second.classNames, other: first.path, expected: first.classNames)
    }
    self.first = first
    self.second = second
    classNames = first.classNames
    let (names, otherNames) = (first.cases.keys.sorted(), second.cases.keys.sorted())
    cases = names.filter { second.cases[$0] != nil }
    casesOnlyInFirst = names.filter { second.cases[$0] == nil }
    casesOnlyInSecond = otherNames.filter { first.cases[$0] == nil }
    guard !cases.isEmpty else {
      throw ComparisonError.noCommonCases(
        first: first.path, name: names[0], second: second.path, otherName: otherNames[0])
    }
    let pairs = CasePairs(names: cases, classNames: classNames, first: first, second: second)
    casesOfOtherTruth = pairs.namesOfOtherTruth
    differences = Dictionary(
      uniqueKeysWithValues: EvaluationFigure.allCases.map { ($0, pairs.differences(of: $0)) })
    foreground = Dictionary(
      uniqueKeysWithValues: EvaluationFigure.allCases.map { ($0, pairs.foregroundDifference(of: $0)) })
    let compared = foreground
    figures = EvaluationFigure.allCases.filter { compared[$0]?.pairs.isEmpty == false }
  }

  /// How a figure of a class differs.
  ///
  /// - Precondition: the figure and the class are among those that are compared.
  public func difference(of figure: EvaluationFigure, _ className: String) -> PairedDifference {
    differences[figure]![className]!
  }

  /// How the mean over the classes of each case differs; a class counts in a case where it has the figure in both files.
  ///
  /// - Precondition: the figure is among those that are compared.
  public func foregroundDifference(of figure: EvaluationFigure) -> PairedDifference { foreground[figure]! }
}

/// The cases that two evaluations share.
private struct CasePairs {
  let names: [String]
  let classNames: [String]
  let first: EvaluationFile
  let second: EvaluationFile

  private func value(
    _ file: EvaluationFile, _ name: String, _ className: String, _ figure: EvaluationFigure
  ) -> Double? { file.cases[name]?[className]?.values[figure] }

  /// By the classes' names.
  func differences(of figure: EvaluationFigure) -> [String: PairedDifference] {
    Dictionary(
      uniqueKeysWithValues: classNames.map { className in
        let cases = names.map {
          (name: $0, first: value(first, $0, className, figure), second: value(second, $0, className, figure))
        }
        return (className, PairedDifference(cases))
      })
  }

  func foregroundDifference(of figure: EvaluationFigure) -> PairedDifference {
    PairedDifference(
      names.map { name in
        let both = classNames.compactMap { className -> (Double, Double)? in
          guard let own = value(first, name, className, figure),
            let other = value(second, name, className, figure)
          else { return nil }
          return (own, other)
        }
        return (name, mean(both.map(\.0)), mean(both.map(\.1)))
      })
  }

  /// Volumes of the same mask differ by no more than rounding.
  var namesOfOtherTruth: [String] {
    names.filter { name in
      classNames.contains { className in
        guard let own = first.cases[name]?[className]?.trueVolume,
          let other = second.cases[name]?[className]?.trueVolume
        else { return false }
        return abs(own - other) > 1e-6 * max(abs(own), abs(other))
      }
    }
  }
}
