import MedicalImaging

/// How well one class of one case was segmented.
public struct ClassEvaluation: Codable, Equatable, Sendable {
  public var className: String
  /// At network resolution, of probabilities.
  public var softDice: Double
  /// In the scan's own geometry, of masks.
  public var metrics: ClassMetrics
}

/// How well one case was segmented: its foreground classes in their order.
public struct CaseEvaluation: Codable, Equatable, Sendable {
  public var caseName: String
  public var classes: [ClassEvaluation]

  /// Mean Dice over the classes that are there; nil where none is.
  public var meanDice: Double? { mean(classes.compactMap(\.metrics.dice.value)) }
}

/// How well a set of cases was segmented.
public struct Evaluation: Equatable, Sendable {
  /// Foreground classes.
  public var classNames: [String]
  public var cases: [CaseEvaluation]

  /// The mean of a figure of one class over the cases in which it can be measured; nil where there is none.
  public func mean(_ classIndex: Int, _ figure: (ClassEvaluation) -> Double?) -> Double? {
    Segmentation.mean(cases.compactMap { figure($0.classes[classIndex]) })
  }
}

func mean(_ values: [Double]) -> Double? {
  values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
}

extension SegmentationModel {
  /// Evaluates cases one after the other; none is left out.
  ///
  /// - Parameters:
  ///   - replicas: each evaluates its share of the cases, and all receive the whole.
  ///   - progress: called after each case with the number done.
  /// - Throws: `NIfTIError` or `SegmentationError` for a case that cannot be read.
  public func evaluate(
    _ cases: [Case], sharedBy replicas: Replicas = Replicas(), progress: (Int) -> Void = { _ in }
  ) throws -> Evaluation {
    let results = try replicas.joined(try evaluations(of: replicas.share(of: cases), progress))
    return Evaluation(classNames: Array(record.preparation.classNames.dropFirst()), cases: results)
  }

  private func evaluations(of cases: [Case], _ progress: (Int) -> Void) throws -> [CaseEvaluation] {
    var results: [CaseEvaluation] = []
    let batchSize = record.options.batchSize
    for start in stride(from: 0, to: cases.count, by: batchSize) {
      let batch = cases[start..<min(start + batchSize, cases.count)]
      let scans = try batch.map { try LabelledScan($0, preparation: record.preparation) }
      let probabilities = try probabilities(of: scans.map { record.preparation.image(of: $0.volume) })
      for ((entry, scan), probabilities) in zip(zip(batch, scans), probabilities) {
        results.append(evaluate(entry, scan, probabilities))
        progress(results.count)
      }
    }
    return results
  }

  private func evaluate(_ entry: Case, _ scan: LabelledScan, _ probabilities: [Float]) -> CaseEvaluation {
    let truth = scan.labels.resampled(to: record.preparation.grid).networkOrdered
    let soft = softDice(probabilities, truth)
    let prediction = nativeProbabilities(probabilities, of: scan.volume).mostProbableClasses()
    let classes = (1..<classCount).map { label in
      ClassEvaluation(
        className: record.preparation.classNames[label], softDice: soft[label],
        metrics: ClassMetrics(prediction: prediction, truth: scan.labels, label: UInt8(label)))
    }
    return CaseEvaluation(caseName: entry.name, classes: classes)
  }

  /// The soft Dice of each class, the background first, of one case on the network's grid.
  func softDice(_ probabilities: [Float], _ truth: [UInt8]) -> [Double] {
    (0..<classCount).map { label in
      MedicalImaging.softDice(
        probabilities: truth.indices.map { probabilities[$0 * classCount + label] },
        truth: truth.map { $0 == UInt8(label) ? 1 : 0 })
    }
  }

  /// The soft Dice of each class, the background first, of each prepared case.
  func softDice(of cases: [PreparedCase]) throws -> [[Double]] {
    var results: [[Double]] = []
    let batchSize = record.options.batchSize
    for start in stride(from: 0, to: cases.count, by: batchSize) {
      let batch = cases[start..<min(start + batchSize, cases.count)]
      let probabilities = try probabilities(of: batch.map(\.sample.image))
      for (entry, probabilities) in zip(batch, probabilities) {
        results.append(softDice(probabilities, entry.sample.labels))
      }
    }
    return results
  }

  /// A case's scan, truth and predicted mask, in its own geometry.
  func masks(of entry: Case) throws -> (scan: Volume, truth: LabelVolume, prediction: LabelVolume) {
    let scan = try LabelledScan(entry, preparation: record.preparation)
    let probabilities = try probabilities(of: [record.preparation.image(of: scan.volume)])[0]
    return (
      scan.volume, scan.labels, nativeProbabilities(probabilities, of: scan.volume).mostProbableClasses()
    )
  }
}
