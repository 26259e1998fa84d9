import DurableFiles
import Foundation

/// The folder that an evaluation is written to: a model's own, or one that was named.
public struct EvaluationFolder: Sendable {
  public let path: String

  public init(_ path: String) { self.path = path }

  public var reportPath: String { path + "/report.html" }
  /// The figures of every case, as CSV; as JSON.
  public var caseTablePath: String { path + "/cases.csv" }
  public var evaluationPath: String { path + "/evaluation.json" }

  /// Where an evaluation goes: this folder, or the folder incomplete/ in it for one without all of its cases where an earlier
  /// one with all is here, which stays.
  public func receiving(_ evaluation: Evaluation) -> EvaluationFolder {
    !evaluation.failures.isEmpty && holdsWholeEvaluation ? EvaluationFolder(path + "/incomplete") : self
  }

  /// Whether the evaluation that is here lacks no case. What does not parse is no earlier one.
  private var holdsWholeEvaluation: Bool {
    struct Earlier: Decodable {
      struct Failure: Decodable {}
      let failures: [Failure]?
    }
    guard let json = try? Data(contentsOf: URL(fileURLWithPath: evaluationPath)),
      let earlier = try? JSONDecoder().decode(Earlier.self, from: json)
    else { return false }
    return (earlier.failures ?? []).isEmpty
  }

  /// Makes the folder, with those above it.
  ///
  /// - Throws: `SegmentationError.cannotWrite`, also where it is there and not writable.
  public func create() throws { try ModelFolder(path).create() }

  /// Writes the table of cases, the JSON and the report.
  public func write(_ evaluation: Evaluation, _ terms: EvaluationTerms, _ report: EvaluationReport) throws {
    try create()
    try AtomicFile.write(evaluation.csv(terms), to: caseTablePath)
    try AtomicFile.write(try evaluation.json(terms), to: evaluationPath)
    try report.write(evaluation, terms, to: reportPath)
  }
}
