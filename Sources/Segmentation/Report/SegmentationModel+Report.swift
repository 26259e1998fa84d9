import DurableFiles
import Foundation
import MedicalImaging

extension SegmentationModel {
  /// Writes the HTML report of a model: its settings, its curves, an evaluation, and the worst, the median and the
  /// best case as pictures.
  ///
  /// - Parameter cases: the cases that were evaluated.
  public func writeReport(_ evaluation: Evaluation, cases: [Case], to path: String) throws {
    let contents = ReportContents(
      title: "V-Net on \(record.datasetName)", configuration: settings, lossCurves: lossCurves,
      diceCurves: diceCurves, classScores: classScores(evaluation),
      caseScores: evaluation.cases.map { entry in
        .init(caseName: entry.caseName, scores: entry.classes.map(\.score))
      }, figures: try figures(evaluation, cases), classNames: evaluation.classNames)
    try AtomicFile.write(contents.html(), to: path)
  }

  private var settings: [ReportContents.Setting] {
    let options = record.options
    let shape = options.configuration.inputShape.map(String.init).joined(separator: " x ")
    return [
      .init(name: "Preset", value: options.preset.rawValue),
      .init(name: "Input shape", value: shape),
      .init(name: "Trained parameters", value: "\((try? graphs.model.trainableParameterCount()) ?? 0)"),
      .init(name: "Epochs", value: "\(record.epoch)"),
      .init(name: "Batch size", value: "\(options.batchSize)"),
      .init(
        name: "Optimiser",
        value: "\(options.optimizer.kind.rawValue), learning rate \(options.baseLearningRate)"),
      .init(name: "Flips", value: options.augment ? "yes" : "no"),
      .init(
        name: "Cases",
        value: "\(record.trainingCases.count) training, \(record.validationCases.count) validation"),
      .init(name: "Seeds", value: "\(options.seed), split \(options.splitSeed)"),
    ]
  }

  private var lossCurves: [ReportContents.Curve] {
    [
      .init(
        name: "training loss", points: record.history.map { .init(x: Double($0.epoch + 1), y: $0.loss) })
    ]
  }

  private var diceCurves: [ReportContents.Curve] {
    (1..<classCount).map { label in
      .init(
        name: record.preparation.classNames[label],
        points: record.history.filter { $0.validationDice.count > label }.map {
          .init(x: Double($0.epoch + 1), y: $0.validationDice[label])
        })
    }
  }

  private func classScores(_ evaluation: Evaluation) -> [ReportContents.Score] {
    evaluation.classNames.enumerated().map { index, name in
      .init(
        className: name, softDice: evaluation.mean(index, EvaluationFigure.softDice.value),
        dice: evaluation.mean(index, EvaluationFigure.dice.value),
        hausdorffDistance95: evaluation.mean(index, EvaluationFigure.hausdorff95.value),
        averageSurfaceDistance: evaluation.mean(index, EvaluationFigure.averageSurfaceDistance.value))
    }
  }

  private func figures(_ evaluation: Evaluation, _ cases: [Case]) throws -> [ReportContents.Figure] {
    let ranked = evaluation.cases.indices.sorted {
      (evaluation.cases[$0].meanDice ?? 0) < (evaluation.cases[$1].meanDice ?? 0)
    }
    guard let worst = ranked.first, let best = ranked.last else { return [] }
    let chosen = [("worst", worst), ("median", ranked[ranked.count / 2]), ("best", best)]
    var seen: Set<Int> = []
    return try chosen.filter { seen.insert($0.1).inserted }.map { rank, index in
      let (scan, truth, prediction) = try masks(of: cases[index])
      let overlay = SliceOverlay(scan: scan, truth: truth, prediction: prediction)
      let dice = evaluation.cases[index].meanDice.map { String(format: "%.3f", $0) } ?? "absent"
      return .init(
        caption: "\(evaluation.cases[index].caseName), the \(rank) of \(ranked.count) cases: mean Dice "
          + "\(dice). Slice \(overlay.slice): scan, truth, prediction.",
        picture: overlay.picture)
    }
  }
}

extension ClassEvaluation {
  fileprivate var score: ReportContents.Score {
    .init(
      className: className, softDice: softDice, dice: metrics.dice.value,
      hausdorffDistance95: metrics.hausdorff95.value,
      averageSurfaceDistance: metrics.averageSurfaceDistance.value)
  }
}
