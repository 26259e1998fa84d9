import DurableFiles
import Foundation
import MedicalImaging

/// The report of one model, or of the models of a cross-validation, each with the cases that it was measured on.
public struct EvaluationReport {
  /// A predictor of one model and its cases.
  public typealias Part = (predictor: Predictor, cases: [Case])

  private let parts: [Part]

  /// - Precondition: at least one part; the predictors have one postprocessing.
  public init(_ parts: [Part]) {
    precondition(!parts.isEmpty, "a report of no model")
    self.parts = parts
  }

  private var model: SegmentationModel { parts[0].predictor.models[0] }
  private var record: ModelRecord { model.record }
  private var postprocessing: Postprocessing { parts[0].predictor.options.postprocessing }

  private func record(of part: Part) -> ModelRecord { part.predictor.models[0].record }

  /// Writes the HTML report: settings, curves, an evaluation, and the worst, the median and the best case as pictures
  /// and slice by slice.
  ///
  /// - Parameter evaluation: of all parts' cases.
  public func write(_ evaluation: Evaluation, to path: String) throws {
    let (figures, viewers) = try pictures(evaluation)
    let contents = ReportContents(
      title: "V-Net on \(record.datasetName)", configuration: settings, lossCurves: lossCurves,
      diceCurves: diceCurves, classScores: classScores(evaluation),
      caseScores: evaluation.cases.map { entry in
        .init(caseName: entry.caseName, scores: entry.classes.map(\.score))
      }, figures: figures, viewers: viewers, classNames: evaluation.classNames)
    try AtomicFile.write(contents.html(), to: path)
  }

  private var settings: [ReportContents.Setting] {
    let options = record.options
    func text(_ extents: [Int]) -> String { extents.map(String.init).joined(separator: " x ") }
    var settings: [ReportContents.Setting] = [
      .init(name: "Preset", value: options.preset.rawValue),
      .init(name: "Network", value: options.network.architecture.kind.rawValue),
      .init(name: "Input shape", value: text(options.network.inputShape)),
      .init(
        name: "Trained parameters",
        value: "\((try? model.graphs.network.trainableParameterCount()) ?? 0)"),
      .init(name: "Epochs", value: "\(record.epoch)"),
      .init(name: "Batch size", value: "\(options.batchSize)"),
      .init(name: "Loss", value: options.loss.name.rawValue),
      .init(
        name: "Optimiser",
        value: "\(options.optimizer.name.rawValue), learning rate \(options.baseLearningRate), "
          + options.schedule.rawValue),
      .init(name: "Augmentation", value: augmentation),
      .init(
        name: "Cases",
        value: parts.map {
          "\(record(of: $0).trainingCases.count) training, \(record(of: $0).validationCases.count) validation"
        }.joined(separator: "; ")),
      .init(name: "Seeds", value: "\(options.seed), split \(options.splitSeed)"),
    ]
    if let spacing = record.preparation.spacing {
      settings.append(
        .init(
          name: "Spacing", value: spacing.map { String(format: "%g", $0) }.joined(separator: " x ") + " mm"))
    }
    if parts.count > 1 {
      settings.append(.init(name: "Folds", value: "\(parts.count), measured out of fold"))
    }
    if !postprocessing.keepLargest.isEmpty {
      settings.append(
        .init(
          name: "Only the largest component of", value: postprocessing.keepLargest.joined(separator: ", ")))
    }
    return settings
  }

  private var augmentation: String {
    switch record.options.sampling {
    case .wholeGrid(let flips): flips ? "flip along i and j" : "none"
    case .patches(let patches): patches.augmentation.names.map(\.rawValue).joined(separator: ", ")
    }
  }

  // MARK: Curves

  /// The name of a part's curve: of several folds the fold's.
  private func name(_ curve: String, _ part: Part) -> String {
    parts.count > 1 ? record(of: part).options.fold.map { "fold \($0.index)" } ?? curve : curve
  }

  private var lossCurves: [ReportContents.Curve] {
    parts.map { part in
      .init(
        name: name("training loss", part),
        points: record(of: part).history.compactMap { entry in
          entry.loss.map { .init(x: Double(entry.epoch + 1), y: $0) }
        })
    }
  }

  /// Of each class of one model; of a cross-validation each fold's mean.
  private var diceCurves: [ReportContents.Curve] {
    guard parts.count == 1 else {
      return parts.map { part in
        .init(
          name: name("mean", part),
          points: record(of: part).history.compactMap { entry in
            entry.foregroundDice.map { .init(x: Double(entry.epoch + 1), y: $0) }
          })
      }
    }
    return record.preparation.labels.structures.map { structure in
      .init(
        name: structure.name,
        points: record.history.filter { !$0.validationDice.isEmpty }.map {
          .init(x: Double($0.epoch + 1), y: $0.validationDice[structure.output])
        })
    }
  }

  // MARK: Scores and pictures

  private func classScores(_ evaluation: Evaluation) -> [ReportContents.Score] {
    let classes = evaluation.classNames.enumerated().flatMap { index, name in
      [
        ReportContents.Score(className: name) { evaluation.mean(index, $0.value) },
        ReportContents.Score(className: "\(name), median") { evaluation.median(index, $0.value) },
      ]
    }
    return classes + [
      ReportContents.Score(className: "mean of the classes") { evaluation.foregroundMean($0) }
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
      guard let masks = try masks(ofCase: entry.caseName) else { continue }
      let overlay = SliceOverlay(scan: masks.scan, truth: masks.truth, prediction: masks.prediction)
      let dice = entry.meanDice.map { String(format: "%.3f", $0) } ?? "absent"
      let caption = "\(entry.caseName), the \(rank) of \(ranked.count) cases: mean Dice \(dice)."
      figures.append(
        .init(
          caption: "\(caption) Slice \(overlay.slice): scan, truth, prediction.", picture: overlay.picture))
      viewers.append(
        SliceViewer(caption: caption, scan: masks.scan, truth: masks.truth, prediction: masks.prediction))
    }
    return (figures, viewers)
  }

  /// The scan, the truth and the prediction of a case by the model that was measured on it, painted by structures.
  private func masks(
    ofCase name: String
  ) throws -> (scan: Volume, truth: LabelVolume, prediction: LabelVolume)? {
    for part in parts {
      guard let entry = part.cases.first(where: { $0.name == name }) else { continue }
      let scan = try LabelledScan(entry, preparation: record(of: part).preparation)
      let labels = part.predictor.labels
      return (
        scan.volume, labels.painted(scan.labels),
        labels.painted(try part.predictor.indices(of: scan.volume))
      )
    }
    return nil
  }
}

extension ReportContents.Score {
  /// The figures that `value` gives.
  fileprivate init(className: String, _ value: (EvaluationFigure) -> Double?) {
    self.init(
      className: className, softDice: value(.softDice), dice: value(.dice),
      hausdorffDistance95: value(.hausdorff95), averageSurfaceDistance: value(.averageSurfaceDistance),
      normalizedSurfaceDice: value(.normalizedSurfaceDice))
  }
}

extension ClassEvaluation {
  fileprivate var score: ReportContents.Score {
    var score = ReportContents.Score(className: className) { $0.value(self) }
    (score.predictedVolume, score.trueVolume) = (metrics.predictedVolume, metrics.trueVolume)
    return score
  }
}
