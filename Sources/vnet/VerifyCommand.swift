import ArgumentParser
import MedicalImaging
import PlainText

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check every file of a data set and list all that is wrong.",
    discussion: """
      Exits with 1 when there is an error; warnings do not count.

      vnet verify --data-dir data
      vnet verify --images scans --labels masks --json
      """)

  @OptionGroup var data: DatasetOptions

  @OptionGroup var maskGeometry: MaskGeometryOptions

  @OptionGroup var scans: ScanOptions

  @OptionGroup var output: JSONOutput

  @OptionGroup var printing: QuietOption

  func validate() throws {
    guard !(output.isWanted && printing.quiet) else {
      throw ValidationError("--json prints and --quiet prints nothing; leave one of them out.")
    }
  }

  func run() throws {
    let dataset = maskGeometry.applied(to: try data.dataset(), saysSo: false)
    if output.isWanted { return try showJSON(dataset) }
    print(dataset.summary.printable)
    let verification = verification(of: dataset)
    let problems = verification.problems
    for problem in problems {
      let line = "\(problem.severity): \(problem)".printable
      if printing.quiet { standardErrorLine(line) } else { print(line) }
    }
    for line in verification.grids.lines { print(line) }
    let errors = problems.count { $0.severity == .error }
    let total = dataset.training.count + dataset.test.count
    print(
      "\(dataset.name.printable): \(counted(total, "case")) checked, \(counted(errors, "error")), "
        + "\(counted(problems.count - errors, "warning"))")
    if errors > 0 { throw ExitCode.failure }
    suggest("train", repeating: dataOptions(of: "train"), "--model-dir", "model")
  }

  private func verification(of dataset: Dataset) -> DatasetVerification {
    let line = ProgressLine("checked", of: dataset.training.count + dataset.test.count)
    return DatasetVerification(of: dataset, notANumber: scans.notANumber) { done, _ in line.show(done) }
  }

  /// What `--json` prints.
  private struct Findings: Encodable {
    struct Problem: Encodable {
      let severity: String
      let path: String
      let text: String
    }

    let dataSet: String
    let layout: String
    let cases: Int
    let errors: Int
    let warnings: Int
    let problems: [Problem]
  }

  private func showJSON(_ dataset: Dataset) throws {
    let problems = verification(of: dataset).problems
    let errors = problems.count { $0.severity == .error }
    try JSONOutput.show(
      Findings(
        dataSet: dataset.name, layout: dataset.summary, cases: dataset.training.count + dataset.test.count,
        errors: errors, warnings: problems.count - errors,
        problems: problems.map { .init(severity: $0.severity.rawValue, path: $0.path, text: "\($0)") }))
    if errors > 0 { throw ExitCode.failure }
  }
}
