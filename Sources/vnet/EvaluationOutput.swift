import ArgumentParser
import DurableFiles
import PlainText
import Segmentation

/// How an evaluation reaches the user, whoever made the masks: as tables or JSON, then as files. What cannot be written does
/// not keep the rest from being shown.
struct EvaluationOutput {
  /// The file of `--json`; "-" for the standard output, which then holds nothing else.
  let json: String?
  /// nil where nothing else is written.
  let folder: EvaluationFolder?

  var printsTables: Bool { json != "-" }

  /// Prints and writes.
  ///
  /// - Parameter heading: what stands above the tables.
  /// - Returns: whether every case was measured and everything was written; what was not is said.
  func show(
    _ evaluation: Evaluation, _ terms: EvaluationTerms, _ report: EvaluationReport, heading: String
  ) throws -> Bool {
    printFailures(of: evaluation)
    guard !evaluation.cases.isEmpty else {
      standardErrorLine("Error: no case could be measured, and nothing is written.")
      return false
    }
    let text = try evaluation.json(terms)
    if printsTables {
      print(
        "\(heading.printable)\n\n\(evaluation.table())\n\n\(evaluation.caseTable())\n\n\(evaluation.summary())"
      )
    } else {
      print(text, terminator: "")
    }
    var isWhole = evaluation.failures.isEmpty
    func write(_ body: () throws -> Void) {
      do {
        try body()
      } catch {
        isWhole = false
        standardErrorLine("Error: \("\(error)".printable)")
      }
    }
    if printsTables, let json { write { try AtomicFile.write(text, to: json) } }
    if let folder {
      let receiving = folder.receiving(evaluation)
      write {
        try receiving.write(evaluation, terms, report)
        if printsTables { print("report \(receiving.reportPath)".printable) }
      }
      if receiving.path != folder.path {
        standardErrorLine(
          "Note: \(folder.path.printable): the earlier evaluation of all cases stays; this one, without those left out, is in "
            + "\(receiving.path.printable).")
      }
    }
    return isWhole
  }
}

/// Says which cases could not be measured, and why.
func printFailures(of evaluation: Evaluation) {
  for failure in evaluation.failures {
    standardErrorLine("Error: the case \(failure.caseName) is left out: \(failure.reason)".printable)
  }
}
