import Foundation
import MedicalImaging

/// The figures that an evaluation gives for each class of each case.
public enum EvaluationFigure: String, Sendable, CaseIterable {
  case softDice = "soft_dice"
  case dice
  case hausdorff95 = "hd95_mm"
  case averageSurfaceDistance = "assd_mm"

  /// The heading of its column.
  public var title: String {
    switch self {
    case .softDice: "soft Dice"
    case .dice: "Dice"
    case .hausdorff95: "HD95 (mm)"
    case .averageSurfaceDistance: "ASSD (mm)"
    }
  }

  /// The figure of one class of one case; nil where the class is absent.
  public func value(_ evaluation: ClassEvaluation) -> Double? {
    switch self {
    case .softDice: evaluation.softDice
    case .dice: evaluation.metrics.dice.value
    case .hausdorff95: evaluation.metrics.hausdorff95.value
    case .averageSurfaceDistance: evaluation.metrics.averageSurfaceDistance.value
    }
  }
}

extension Evaluation {
  /// A table of the mean figures of each class.
  public func table() -> String {
    let figures = EvaluationFigure.allCases
    var rows = [["class"] + figures.map(\.title) + ["cases"]]
    for (index, name) in classNames.enumerated() {
      let means = figures.map { mean(index, $0.value).map { String(format: "%.4f", $0) } ?? "absent" }
      let present = cases.count { $0.classes[index].metrics.trueVolume > 0 }
      rows.append([name] + means + ["\(present)"])
    }
    return aligned(rows)
  }

  /// A table of the native Dice of each case, the worst first.
  public func caseTable() -> String {
    var rows = [["case"] + classNames.map { "\($0) Dice" } + classNames.map { "\($0) HD95 (mm)" }]
    for entry in cases.sorted(by: { ($0.meanDice ?? 0) < ($1.meanDice ?? 0) }) {
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

  private func aligned(_ rows: [[String]]) -> String {
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
    var softDice: Double
    var dice: Measured
    var hausdorff95: Measured
    var averageSurfaceDistance: Measured
    var predictedVolume: Double
    var trueVolume: Double

    enum CodingKeys: String, CodingKey {
      case softDice = "soft_dice"
      case dice
      case hausdorff95 = "hd95_mm"
      case averageSurfaceDistance = "assd_mm"
      case predictedVolume = "predicted_volume_mm3"
      case trueVolume = "true_volume_mm3"
    }
  }

  struct Case: Encodable {
    var name: String
    var classes: [String: Class]
  }

  var model: String
  var split: String
  var mean: [String: [String: Double?]]
  var cases: [Case]
}

extension Evaluation {
  /// The evaluation as JSON: means over the cases in which a class is there, then every case.
  public func json(model: String, split: SplitChoice) throws -> String {
    var means: [String: [String: Double?]] = [:]
    for (index, name) in classNames.enumerated() {
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
    let value = EvaluationJSON(model: model, split: split.rawValue, mean: means, cases: cases)
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }
}

extension ClassEvaluation {
  fileprivate var json: EvaluationJSON.Class {
    EvaluationJSON.Class(
      softDice: softDice, dice: metrics.dice, hausdorff95: metrics.hausdorff95,
      averageSurfaceDistance: metrics.averageSurfaceDistance, predictedVolume: metrics.predictedVolume,
      trueVolume: metrics.trueVolume)
  }
}
