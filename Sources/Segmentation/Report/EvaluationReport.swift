import DurableFiles
import Foundation
import MedicalImaging
import PlainText

/// The report of an evaluation, whoever made the masks.
public struct EvaluationReport {
  /// The masks of one case, for its pictures.
  public struct CaseMasks {
    var scan: Volume
    var truth: LabelVolume
    var prediction: LabelVolume
    /// Of their grid; nil where the file tells none.
    var order: AxisOrder?
  }

  let title: String
  /// Of the model, where there is one.
  let settings: [ReportContents.Setting]
  let lossCurves: [ReportContents.Curve]
  let diceCurves: [ReportContents.Curve]
  /// The masks of a case by its name; nil where there is no such case.
  let masks: (String) throws -> CaseMasks?
  /// Whether slices of the worst, the median and the best case are embedded.
  public var embedsPictures = true

  /// Writes the HTML report: terms, settings, curves, an evaluation, and unless pictures are left out the worst, the
  /// median and the best case as pictures and in three planes.
  public func write(_ evaluation: Evaluation, _ terms: EvaluationTerms, to path: String) throws {
    let (figures, viewers) = embedsPictures ? try pictures(evaluation) : ([], [])
    let contents = ReportContents(
      title: title,
      terms: terms.settings + [.init(name: "Cases measured", value: "\(evaluation.cases.count)")]
        + failureSettings(evaluation),
      configuration: settings,
      lossCurves: lossCurves, diceCurves: diceCurves, classScores: classScores(evaluation),
      caseScores: evaluation.cases.map { entry in
        .init(caseName: entry.caseName, scores: entry.classes.map(\.score))
      }, figures: figures, viewers: viewers, classNames: evaluation.classNames)
    try AtomicFile.write(contents.html(), to: path)
  }

  /// The cases that are left out, each with its reason.
  private func failureSettings(_ evaluation: Evaluation) -> [ReportContents.Setting] {
    evaluation.failures.map { .init(name: "Left out: \($0.caseName)", value: $0.reason) }
  }

  // MARK: Scores and pictures

  private func classScores(_ evaluation: Evaluation) -> [ReportContents.Score] {
    let classes = evaluation.classNames.enumerated().flatMap { index, name in
      [
        ReportContents.Score(
          className: name, evaluation.distanceCount(index),
          interval: { evaluation.confidenceInterval(index, $0) }, value: { evaluation.mean(index, $0.value) }),
        ReportContents.Score(className: "\(name), median", evaluation.distanceCount(index)) {
          evaluation.median(index, $0.value)
        },
      ]
    }
    return classes + [
      ReportContents.Score(
        className: "mean of the classes", interval: { evaluation.foregroundConfidenceInterval($0) },
        value: { evaluation.foregroundMean($0) })
    ]
  }

  /// The worst, the median and the best case.
  private func pictures(
    _ evaluation: Evaluation
  ) throws -> (figures: [ReportContents.Figure], viewers: [SliceViewer]) {
    let ranked = evaluation.casesByDice.filter { $0.meanDice != nil }
    var chosen: [(rank: String, entry: CaseEvaluation)] = []
    for (rank, index) in [("worst", 0), ("median", ranked.count / 2), ("best", ranked.count - 1)]
    where ranked.indices.contains(index) && !chosen.contains(where: { $0.entry == ranked[index] }) {
      chosen.append((rank, ranked[index]))
    }
    var (figures, viewers): ([ReportContents.Figure], [SliceViewer]) = ([], [])
    for (rank, entry) in chosen {
      guard let masks = try masks(entry.caseName) else { continue }
      let overlay = SliceOverlay(
        scan: masks.scan, truth: masks.truth, prediction: masks.prediction, order: masks.order)
      let dice = entry.meanDice.map { String(format: "%.3f", $0) } ?? "absent"
      let caption = "\(entry.caseName), the \(rank) of \(counted(ranked.count, "case")): mean Dice \(dice)."
      figures.append(
        .init(
          caption: "\(caption) Slice \(overlay.slice): scan, truth, prediction.", picture: overlay.picture))
      viewers.append(
        SliceViewer(
          caption: caption, scan: masks.scan, truth: masks.truth, prediction: masks.prediction,
          order: masks.order))
    }
    return (figures, viewers)
  }
}

extension ReportContents.Score {
  /// The figures that `value` gives, with the intervals that `interval` does.
  fileprivate init(
    className: String, _ distanceCount: DistanceCount? = nil,
    interval: (EvaluationFigure) -> ConfidenceInterval? = { _ in nil },
    value: (EvaluationFigure) -> Double?
  ) {
    var intervals: [EvaluationFigure: ConfidenceInterval] = [:]
    for figure in EvaluationFigure.allCases { intervals[figure] = interval(figure) }
    self.init(
      className: className, softDice: value(.softDice), dice: value(.dice),
      hausdorffDistance95: value(.hausdorff95), averageSurfaceDistance: value(.averageSurfaceDistance),
      normalizedSurfaceDice: value(.normalizedSurfaceDice), distanceCount: distanceCount,
      intervals: intervals)
  }
}

extension ClassEvaluation {
  fileprivate var score: ReportContents.Score {
    var score = ReportContents.Score(className: className, value: { $0.value(self) })
    (score.predictedVolume, score.trueVolume) = (metrics.predictedVolume, metrics.trueVolume)
    return score
  }
}
