import Foundation
import MedicalImaging
import PlainText

extension EvaluationComparison {
  /// How many cases are named in a row; the JSON names all.
  private static let namedCount = 10

  /// What is compared, a table for each figure, the cases that a table leaves out, and those whose mean Dice moved most.
  public func text() -> String {
    let heading = """
      A  \(Self.origin(of: first))
      B  \(Self.origin(of: second))
      \(counted(cases.count, "case")) in both. \(Self.legend)
      """
    return ([heading] + figures.map(table) + [gapLines, movedTable].filter { !$0.isEmpty })
      .joined(separator: "\n\n")
  }

  /// What columns are.
  private static let legend = """
    B - A is the mean of the paired differences, with its standard
    error and its 95 % interval (percentile bootstrap over cases); p is that of
    Wilcoxon's signed-rank test, two-sided.
    """

  /// One sentence for each file with cases that the other lacks, and for cases that were measured against other masks.
  public var remarks: [String] {
    let alone = [(first, casesOnlyInFirst), (second, casesOnlyInSecond)].compactMap { file, names in
      names.isEmpty
        ? nil
        : "\(file.path): \(counted(names.count, "case is", "cases are")) in this file only and left out: \(Self.list(names))."
    }
    guard !casesOfOtherTruth.isEmpty else { return alone }
    let others = casesOfOtherTruth
    return alone + [
      "\(second.path): \(counted(others.count, "case has", "cases have")) another true volume than in \(first.path): "
        + "\(Self.list(others)); the two were not measured against the same masks."
    ]
  }

  private static func origin(of file: EvaluationFile) -> String {
    let terms = file.terms
    let words = [
      terms.dataset, terms.split, terms.model ?? terms.masks, terms.checkpoint.map { "\($0) checkpoint" },
      terms.testTimeAugmentation == true ? "test-time augmentation" : nil, terms.date,
    ].compactMap(\.self).filter { !$0.isEmpty }
    return "\(file.path)\(words.isEmpty ? "" : ": ")\(words.joined(separator: ", "))".printable
  }

  private func table(of figure: EvaluationFigure) -> String {
    let decimals = figure.isDistance ? 3 : 4
    let rows = classNames.map { row($0, difference(of: figure, $0), decimals) }
    let mean =
      classNames.count > 1 ? [row("class mean", foregroundDifference(of: figure), decimals)] : []
    return TextTable([[figure.title, "A", "B", "B - A", "error", "from", "to", "p", "cases"]] + rows + mean)
      .text
  }

  private func row(_ name: String, _ difference: PairedDifference, _ decimals: Int) -> [String] {
    func text(_ value: Double?) -> String { value.map { String(format: "%.\(decimals)f", $0) } ?? "-" }
    let probability = difference.test?.probability
    return [
      name, text(difference.firstMean), text(difference.secondMean), text(difference.meanDifference),
      text(difference.standardError), text(difference.interval?.lower), text(difference.interval?.upper),
      probability.map { $0 < 0.0001 ? "<0.0001" : String(format: "%.4f", $0) } ?? "-",
      "\(difference.pairs.count)",
    ]
  }

  /// A line for each class and the figures that lack the same cases.
  private var gapLines: String {
    let lines = classNames.flatMap { name in
      let gaps = figures.map { ($0, difference(of: $0, name).gaps) }.filter { !$0.1.isEmpty }
      return Dictionary(grouping: gaps, by: \.1).map { gaps, figures in
        let titles = figures.map(\.0.title).joined(separator: ", ")
        return "\(name), \(titles): no value in \(Self.list(gaps.map(\.text)))".printable
      }.sorted()
    }
    return lines.isEmpty ? "" : (["left out:"] + lines).joined(separator: "\n")
  }

  private var movedTable: String {
    guard figures.contains(.dice) else { return "" }
    let moved = foregroundDifference(of: .dice).moved(atMost: Self.namedCount)
    guard !moved.isEmpty else { return "no case's Dice moved" }
    let rows = moved.map { pair in
      [pair.caseName] + [pair.first, pair.second, pair.difference].map { String(format: "%.4f", $0) }
    }
    return TextTable([["moved most, Dice", "A", "B", "B - A"]] + rows).text
  }

  private static func list(_ names: [String]) -> String {
    let more = names.count - namedCount
    return names.prefix(namedCount).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
  }
}

extension PairedDifference.Gap {
  fileprivate var text: String {
    let places = (isMissingInFirst ? ["A"] : []) + (isMissingInSecond ? ["B"] : [])
    return "\(caseName) (\(places.joined(separator: ", ")))"
  }
}
