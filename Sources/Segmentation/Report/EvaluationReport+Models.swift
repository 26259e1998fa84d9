import Foundation
import MedicalImaging

extension EvaluationReport {
  /// A predictor of one model, or of an ensemble, and the cases that it is measured on.
  public typealias Part = (predictor: Predictor, cases: [Case])

  /// The report of one model, or of the models of a cross-validation, each with the cases that it was measured on.
  ///
  /// - Precondition: at least one part.
  public init(_ parts: [Part]) {
    precondition(!parts.isEmpty, "a report of no model")
    let models = ReportedModels(parts: parts)
    self.init(
      title: "V-Net on \(models.record.datasetName)", settings: models.settings,
      lossCurves: models.lossCurves, diceCurves: models.diceCurves, masks: models.masks(ofCase:))
  }
}

/// What a report says of models.
private struct ReportedModels {
  let parts: [EvaluationReport.Part]

  var model: SegmentationModel { parts[0].predictor.models[0] }
  var record: ModelRecord { model.record }

  func record(of part: EvaluationReport.Part) -> ModelRecord { part.predictor.models[0].record }

  var settings: [ReportContents.Setting] {
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
  private func name(_ curve: String, _ part: EvaluationReport.Part) -> String {
    parts.count > 1 ? record(of: part).options.fold.map { "fold \($0.index)" } ?? curve : curve
  }

  var lossCurves: [ReportContents.Curve] {
    parts.map { part in
      .init(
        name: name("training loss", part),
        points: record(of: part).history.compactMap { entry in
          entry.loss.map { .init(x: Double(entry.epoch + 1), y: $0) }
        })
    }
  }

  /// Of each class of one model; of a cross-validation each fold's mean.
  var diceCurves: [ReportContents.Curve] {
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
        points: record.history.filter { $0.validationDice.count > structure.output }.compactMap { entry in
          entry.validationDice[structure.output].map { .init(x: Double(entry.epoch + 1), y: $0) }
        })
    }
  }

  // MARK: Masks

  /// The scan, the truth and the prediction of a case by the model that was measured on it, painted by structures.
  func masks(ofCase name: String) throws -> EvaluationReport.CaseMasks? {
    for part in parts {
      guard let entry = part.cases.first(where: { $0.name == name }) else { continue }
      let scan = try LabelledScan(entry, preparation: part.predictor.preparation)
      let labels = part.predictor.labels
      return EvaluationReport.CaseMasks(
        scan: scan.volume.volume(), truth: labels.painted(scan.labels),
        prediction: labels.painted(try part.predictor.indices(of: scan.scan)),
        order: scan.axisOrder)
    }
    return nil
  }
}
