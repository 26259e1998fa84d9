import Foundation
import MedicalImaging
import PlainText

/// The figures that an evaluation gives for each class of each case.
public enum EvaluationFigure: String, Sendable, CaseIterable {
  case softDice = "soft_dice"
  case dice
  case hausdorff95 = "hd95_mm"
  case averageSurfaceDistance = "assd_mm"
  case normalizedSurfaceDice = "nsd_1mm"

  /// The heading of its column.
  public var title: String {
    switch self {
    case .softDice: "soft Dice"
    case .dice: "Dice"
    case .hausdorff95: "HD95 (mm)"
    case .averageSurfaceDistance: "ASSD (mm)"
    case .normalizedSurfaceDice: "NSD 1 mm"
    }
  }

  /// Whether it is a distance, which a class that the prediction misses has not.
  public var isDistance: Bool {
    switch self {
    case .hausdorff95, .averageSurfaceDistance: true
    case .softDice, .dice, .normalizedSurfaceDice: false
    }
  }

  /// The figure of one class of one case; nil where the class is absent.
  public func value(_ evaluation: ClassEvaluation) -> Double? {
    switch self {
    case .softDice: evaluation.measuredSoftDice
    case .dice: evaluation.metrics.dice.value
    case .hausdorff95: evaluation.metrics.hausdorff95.value
    case .averageSurfaceDistance: evaluation.metrics.averageSurfaceDistance.value
    case .normalizedSurfaceDice: evaluation.metrics.normalizedSurfaceDice.value
    }
  }
}

extension ClassEvaluation {
  /// Soft Dice; nil where the class is absent from the truth, and where there are no probabilities.
  var measuredSoftDice: Double? { metrics.trueVolume > 0 ? softDice : nil }
}

extension Evaluation {
  /// A table of the mean figures of each class with the ends of their 95 % confidence intervals, of the median figures, and of how
  /// many cases have the class. A distance that was measured over fewer says over how many.
  public func table() -> String {
    let figures = figures
    var rows = [["class"] + figures.map(\.title) + ["cases"]]
    for (index, name) in classNames.enumerated() {
      let count = distanceCount(index)
      func row(_ heading: String, _ statistic: (EvaluationFigure) -> Double?) -> [String] {
        [heading] + figures.map { cell(statistic($0), $0, count) } + ["\(count.present)"]
      }
      rows.append(row(name) { mean(index, $0.value) })
      rows += intervalRows(index, figures)
      rows.append(row("\(name), median") { median(index, $0.value) })
    }
    return TextTable(rows).text
  }

  /// From where to where each mean of a class lies; none where no figure has two cases.
  private func intervalRows(_ classIndex: Int, _ figures: [EvaluationFigure]) -> [[String]] {
    let intervals = figures.map { confidenceInterval(classIndex, $0) }
    guard intervals.contains(where: { $0 != nil }) else { return [] }
    func row(_ heading: String, _ end: (ConfidenceInterval) -> Double) -> [String] {
      ["\(classNames[classIndex]), 95 % \(heading)"]
        + intervals.map { interval in interval.map { String(format: "%.4f", end($0)) } ?? "-" } + [""]
    }
    return [row("from", \.lower), row("to", \.upper)]
  }

  /// The figures that there are: masks by themselves have no soft Dice.
  public var figures: [EvaluationFigure] {
    let hasProbabilities = cases.contains { $0.classes.contains { $0.softDice != nil } }
    return EvaluationFigure.allCases.filter { $0 != .softDice || hasProbabilities }
  }

  private func cell(_ value: Double?, _ figure: EvaluationFigure, _ count: DistanceCount) -> String {
    guard count.present > 0 else { return "absent" }
    let text = value.map { String(format: "%.4f", $0) } ?? "missed"
    return figure.isDistance && count.measured < count.present ? "\(text) (\(count))" : text
  }

  /// One line: the mean Dice over the foreground classes with its 95 % confidence interval, and the worst cases.
  public func summary() -> String {
    let dice = meanForegroundDice.map { String(format: "%.4f", $0) } ?? "absent"
    let worst = casesByDice.prefix(3).map { entry in
      "\(entry.caseName.printable) \(entry.meanDice.map { String(format: "%.3f", $0) } ?? "absent")"
    }
    let leftOut = failures.isEmpty ? "" : "; \(failures.count) left out"
    let interval =
      foregroundConfidenceInterval(.dice).map {
        String(format: "; 95 %% interval %.4f to %.4f", $0.lower, $0.upper)
      } ?? ""
    return
      "mean foreground Dice \(dice) over \(counted(cases.count, "case"))\(leftOut)\(interval); worst: \(worst.joined(separator: ", "))"
  }

  /// A table of the native Dice of each case, the worst first.
  public func caseTable() -> String {
    var rows = [["case"] + classNames.map { "\($0) Dice" } + classNames.map { "\($0) HD95 (mm)" }]
    for entry in casesByDice {
      let dice = entry.classes.map { text($0.metrics.dice) }
      rows.append([entry.caseName] + dice + entry.classes.map { text($0.metrics.hausdorff95) })
    }
    return TextTable(rows).text
  }

  private func text(_ measured: Measured) -> String {
    switch measured {
    case .value(let value): String(format: "%.4f", value)
    case .absentInBoth: "absent"
    case .absentInTruth: "only predicted"
    case .absentInPrediction: "missed"
    }
  }
}
