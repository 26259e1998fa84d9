import ArgumentParser
import DurableFiles
import MedicalImaging
import PlainText
import Segmentation

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract:
      "Compare two evaluations case by case: paired differences, how sure they are, which cases moved.",
    discussion: """
      A and B are what 'vnet evaluate' or 'vnet score' wrote of the same cases, which are paired by their names: \
      evaluation.json, or the file of --json. Of each figure, for each class and for the mean over the classes, it shows the means over \
      the cases that have it in both, the mean difference B - A with its standard error and its 95 % interval (percentile \
      bootstrap over cases), and the p of Wilcoxon's signed-rank test. Among many p some are small by chance: decide \
      beforehand which figure counts.

      vnet compare before/evaluation.json after/evaluation.json
      vnet compare model/evaluation.json scores/evaluation.json --json -
      """)

  @Argument(help: ArgumentHelp("Evaluation to compare with.", valueName: "A.json"))
  var first: String

  @Argument(help: ArgumentHelp("Evaluation that may be better or worse.", valueName: "B.json"))
  var second: String

  @Option(
    help: ArgumentHelp(
      "Write every figure of the comparison to this file; - for the output.", valueName: "file"))
  var json: String?

  @OptionGroup var printing: QuietOption

  func validate() throws {
    guard !(printing.quiet && json == "-") else {
      throw ValidationError("--json - prints and --quiet prints nothing; leave one of them out.")
    }
  }

  func run() throws {
    if let json {
      try OutputFile.require(json, of: "--json", endings: [".json"])
      try requireOther(json)
    }
    let comparison = try EvaluationComparison(
      EvaluationFile(contentsOf: first), EvaluationFile(contentsOf: second))
    for remark in comparison.remarks { standardErrorLine("Note: \(remark)".printable) }
    if json == "-" { return print(try comparison.json(), terminator: "") }
    print(comparison.text())
    if let json { try AtomicFile.write(try comparison.json(), to: json) }
  }

  /// - Throws: where the result would replace what is compared.
  private func requireOther(_ json: String) throws {
    guard ![first, second].map(resolvedPath).contains(resolvedPath(json)) else {
      throw ValidationError("--json \(json) is one of the evaluations that are compared; name another file.")
    }
  }
}
