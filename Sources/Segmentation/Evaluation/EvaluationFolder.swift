import DurableFiles

/// The folder that an evaluation is written to: a model's own, or one that was named.
public struct EvaluationFolder: Sendable {
  public let path: String

  public init(_ path: String) { self.path = path }

  public var reportPath: String { path + "/report.html" }
  /// The figures of every case, as CSV; as JSON.
  public var caseTablePath: String { path + "/cases.csv" }
  public var evaluationPath: String { path + "/evaluation.json" }

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
