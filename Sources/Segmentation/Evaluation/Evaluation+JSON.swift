import Foundation
import MedicalImaging
import PlainText

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

  struct Failure: Encodable {
    var name: String
    var reason: String
  }

  var terms: EvaluationTerms
  var meanForegroundDice: Double?
  var foregroundInterval: ConfidenceInterval?
  var mean: [String: [String: Double?]]
  /// Of each class and figure's mean.
  var intervals: [String: [String: ConfidenceInterval?]]
  var summary: [String: ClassSummary]
  var worst: [Ranked]
  var cases: [Case]
  var failures: [Failure]

  enum CodingKeys: String, CodingKey {
    case terms
    case meanForegroundDice = "mean_foreground_dice"
    case foregroundInterval = "mean_foreground_dice_confidence_interval_95"
    case mean
    case intervals = "confidence_interval_95"
    case summary
    case worst
    case cases
    case failures
  }
}

extension Evaluation {
  /// The evaluation as JSON: on what terms it was made, means over the cases in which a figure can be measured with their
  /// confidence intervals, a summary of each class (mean, deviation, median, over how many cases, absences, volumes), the
  /// ten worst cases, every case, and those that could not be measured.
  public func json(_ terms: EvaluationTerms) throws -> String {
    var means: [String: [String: Double?]] = [:]
    var intervals: [String: [String: ConfidenceInterval?]] = [:]
    var summary: [String: ClassSummary] = [:]
    for (index, name) in classNames.enumerated() {
      summary[name] = ClassSummary(cases.map(\.classes[index].metrics))
      for figure in figures {
        means[name, default: [:]][figure.rawValue] = mean(index, figure.value)
        intervals[name, default: [:]][figure.rawValue] = confidenceInterval(index, figure)
      }
    }
    let cases = cases.map { entry in
      EvaluationJSON.Case(
        name: entry.caseName,
        classes: Dictionary(uniqueKeysWithValues: entry.classes.map { ($0.className, $0.json) }))
    }
    let worst = casesByDice.prefix(10).map { EvaluationJSON.Ranked(name: $0.caseName, dice: $0.meanDice) }
    let value = EvaluationJSON(
      terms: terms, meanForegroundDice: meanForegroundDice,
      foregroundInterval: foregroundConfidenceInterval(.dice), mean: means, intervals: intervals,
      summary: summary, worst: worst, cases: cases,
      failures: failures.map { .init(name: $0.caseName, reason: $0.reason) })
    return try resultJSON(value)
  }
}

/// A result as JSON to read and to keep: indented, by the names of its keys, without unprintable characters.
func resultJSON(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self).printableLines + "\n"
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
