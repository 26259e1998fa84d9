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
  /// Soft Dice; nil where the class is absent from the truth.
  var measuredSoftDice: Double? { metrics.trueVolume > 0 ? softDice : nil }
}

extension Evaluation {
  /// A table of the mean and the median figures of each class.
  public func table() -> String {
    let figures = EvaluationFigure.allCases
    func cells(_ statistic: (EvaluationFigure) -> Double?) -> [String] {
      figures.map { statistic($0).map { String(format: "%.4f", $0) } ?? "absent" }
    }
    var rows = [["class"] + figures.map(\.title) + ["cases"]]
    for (index, name) in classNames.enumerated() {
      let present = cases.count { $0.classes[index].metrics.trueVolume > 0 }
      rows.append([name] + cells { mean(index, $0.value) } + ["\(present)"])
      rows.append(["\(name), median"] + cells { median(index, $0.value) } + ["\(present)"])
    }
    return aligned(rows)
  }

  /// One line: the mean Dice over the foreground classes, and the worst cases.
  public func summary() -> String {
    let dice = meanForegroundDice.map { String(format: "%.4f", $0) } ?? "absent"
    let worst = casesByDice.prefix(3).map { entry in
      "\(entry.caseName.printable) \(entry.meanDice.map { String(format: "%.3f", $0) } ?? "absent")"
    }
    return "mean foreground Dice \(dice) over \(cases.count) cases; worst: \(worst.joined(separator: ", "))"
  }

  /// A table of the native Dice of each case, the worst first.
  public func caseTable() -> String {
    var rows = [["case"] + classNames.map { "\($0) Dice" } + classNames.map { "\($0) HD95 (mm)" }]
    for entry in casesByDice {
      let dice = entry.classes.map { text($0.metrics.dice) }
      rows.append([entry.caseName] + dice + entry.classes.map { text($0.metrics.hausdorff95) })
    }
    return aligned(rows)
  }

  private func text(_ measured: Measured) -> String {
    switch measured {
    case .value(let value): String(format: "%.4f", value)
    case .absentInBoth: "absent"
    case .absentInTruth: "only predicted"
    case .absentInPrediction: "missed"
    }
  }

  private func aligned(_ cells: [[String]]) -> String {
    let rows = cells.map { $0.map(\.printable) }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + space : space + cell
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}

// MARK: - JSON

/// The form of an evaluation's JSON.
private struct EvaluationJSON: Encodable {
  struct Class: Encodable {
    var softDice: Double?
    var dice: Measured
    var hausdorff95: Measured
    var averageSurfaceDistance: Measured
    var normalizedSurfaceDice: Measured
    var predictedVolume: Double
    var trueVolume: Double

    enum CodingKeys: String, CodingKey {
      case softDice = "soft_dice"
      case dice
      case hausdorff95 = "hd95_mm"
      case averageSurfaceDistance = "assd_mm"
      case normalizedSurfaceDice = "nsd_1mm"
      case predictedVolume = "predicted_volume_mm3"
      case trueVolume = "true_volume_mm3"
    }
  }

  struct Case: Encodable {
    var name: String
    var classes: [String: Class]
  }

  /// A case by name, with its Dice, the mean over its classes.
  struct Ranked: Encodable {
    var name: String
    var dice: Double?
  }

  var model: String
  var terms: EvaluationTerms
  var meanForegroundDice: Double?
  var mean: [String: [String: Double?]]
  var summary: [String: ClassSummary]
  var worst: [Ranked]
  var cases: [Case]

  enum CodingKeys: String, CodingKey {
    case model
    case terms
    case meanForegroundDice = "mean_foreground_dice"
    case mean
    case summary
    case worst
    case cases
  }
}

/// On what terms masks were measured.
public struct EvaluationTerms: Encodable, Sendable {
  /// Which cases: a `SplitChoice`, or "out-of-fold".
  public var split: String
  public var checkpoint: CheckpointChoice
  public var testTimeAugmentation: Bool
  public var keepLargest: [String]

  public init(
    split: String, checkpoint: CheckpointChoice, testTimeAugmentation: Bool, keepLargest: [String] = []
  ) {
    self.split = split
    self.checkpoint = checkpoint
    self.testTimeAugmentation = testTimeAugmentation
    self.keepLargest = keepLargest
  }

  enum CodingKeys: String, CodingKey {
    case split
    case checkpoint
    case testTimeAugmentation = "test_time_augmentation"
    case keepLargest = "keep_largest"
  }
}

extension Evaluation {
  /// The evaluation as JSON: on what terms it was made, means over the cases in which a class is there, a summary of each
  /// class (mean, deviation, median, absences, volumes), the ten worst cases, then every case.
  public func json(model: String, _ terms: EvaluationTerms) throws -> String {
    var means: [String: [String: Double?]] = [:]
    var summary: [String: ClassSummary] = [:]
    for (index, name) in classNames.enumerated() {
      summary[name] = ClassSummary(cases.map(\.classes[index].metrics))
      for figure in EvaluationFigure.allCases {
        means[name, default: [:]][figure.rawValue] = mean(index, figure.value)
      }
    }
    let cases = cases.map { entry in
      EvaluationJSON.Case(
        name: entry.caseName,
        classes: Dictionary(uniqueKeysWithValues: entry.classes.map { ($0.className, $0.json) }))
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let worst = casesByDice.prefix(10).map { EvaluationJSON.Ranked(name: $0.caseName, dice: $0.meanDice) }
    let value = EvaluationJSON(
      model: model, terms: terms, meanForegroundDice: meanForegroundDice, mean: means, summary: summary,
      worst: worst, cases: cases)
    return String(decoding: try encoder.encode(value), as: UTF8.self).printableLines + "\n"
  }
}

extension ClassEvaluation {
  fileprivate var json: EvaluationJSON.Class {
    EvaluationJSON.Class(
      softDice: measuredSoftDice, dice: metrics.dice, hausdorff95: metrics.hausdorff95,
      averageSurfaceDistance: metrics.averageSurfaceDistance,
      normalizedSurfaceDice: metrics.normalizedSurfaceDice, predictedVolume: metrics.predictedVolume,
      trueVolume: metrics.trueVolume)
  }
}
