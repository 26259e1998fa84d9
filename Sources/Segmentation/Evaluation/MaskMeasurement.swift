import MedicalImaging

/// A class of masks that is measured.
public struct MaskClass: Equatable, Sendable {
  /// The value that its voxels have.
  public var label: UInt8
  public var name: String

  public init(label: UInt8, name: String) {
    self.label = label
    self.name = name
  }
}

extension CaseEvaluation {
  /// Measures a mask against the truth, whoever made it. Distances and volumes are in the truth's mm.
  ///
  /// - Parameters:
  ///   - softDice: of each class, where the mask comes from probabilities.
  ///   - measuresLargestComponents: also measures what is left where only the largest component of a class stays.
  /// - Precondition: masks on one grid.
  public init(
    caseName: String, prediction: LabelVolume, truth: LabelVolume, classes: [MaskClass],
    softDice: [Double]? = nil, measuresLargestComponents: Bool = false
  ) {
    self.init(
      caseName: caseName,
      classes: classes.indices.map { index in
        let label = classes[index].label
        var entry = ClassEvaluation(
          className: classes[index].name, softDice: softDice?[index],
          metrics: ClassMetrics(prediction: prediction, truth: truth, label: label))
        guard measuresLargestComponents else { return entry }
        let largest = prediction.keepingLargestComponent(of: label)
        if largest != prediction {
          entry.largestComponentMetrics = ClassMetrics(prediction: largest, truth: truth, label: label)
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
}

extension Evaluation {
  init(classNames: [String], outcomes: [CaseOutcome]) {
    self.init(
      classNames: classNames, cases: outcomes.compactMap(\.evaluation),
      failures: outcomes.compactMap(\.failure))
  }
}
