import Foundation
import MedicalImaging

extension CaseEvaluation {
  /// Measures a mask against the truth, whoever made it. Distances and volumes are in the truth's mm.
  ///
  /// - Parameters:
  ///   - caseName: for tables and errors.
  ///   - prediction: of the labels' indices, on one grid.
  ///   - truth: of the labels' indices, on one grid.
  ///   - labels: tell what is measured.
  ///   - softDice: of each output of a network, where the mask comes from probabilities.
  ///   - measuresLargestComponents: also measures what is left where only the largest component of a structure stays.
  public init(
    caseName: String, prediction: LabelVolume, truth: LabelVolume, labels: LabelScheme,
    softDice: [Double]? = nil, measuresLargestComponents: Bool = false
  ) {
    let structures = labels.structures
    let metrics = labels.metrics(prediction: prediction, truth: truth, of: structures)
    self.init(
      caseName: caseName,
      classes: zip(structures, metrics).map { structure, metrics in
        var entry = ClassEvaluation(
          className: structure.name, softDice: softDice?[structure.output], metrics: metrics)
        guard measuresLargestComponents else { return entry }
        let largest = labels.keepingLargestComponent(of: structure, in: prediction)
        if largest != prediction {
          entry.largestComponentMetrics =
            labels.metrics(prediction: largest, truth: truth, of: [structure])[0]
        }
        return entry
      })
  }
}

/// What became of a case that was to be measured.
struct CaseOutcome: Codable {
  private(set) var evaluation: CaseEvaluation?
  private(set) var failure: CaseFailure?

  /// What `body` gives, or why it fails.
  init(_ caseName: String, _ body: () throws -> CaseEvaluation) {
    do {
      evaluation = try body()
    } catch {
      failure = CaseFailure(caseName: caseName, reason: "\(error)")
    }
  }

  /// The outcome with other words for some that a failure's reason holds.
  func replacing(_ words: [String], by other: String) -> CaseOutcome {
    var outcome = self
    outcome.failure = failure.map { failure in
      CaseFailure(
        caseName: failure.caseName,
        reason: words.reduce(failure.reason) { $0.replacingOccurrences(of: $1, with: other) })
    }
    return outcome
  }
}

extension Evaluation {
  init(classNames: [String], outcomes: [CaseOutcome]) {
    self.init(
      classNames: classNames, cases: outcomes.compactMap(\.evaluation),
      failures: outcomes.compactMap(\.failure))
  }
}
