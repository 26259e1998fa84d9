import ArgumentParser
import MedicalImaging
import PlainText

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check every file of a data set and list all that is wrong.",
    discussion: "Exits with 1 when there is an error; warnings do not count.")

  @OptionGroup var data: DatasetOptions

  @OptionGroup var maskGeometry: MaskGeometryOptions

  @OptionGroup var scans: ScanOptions

  func run() throws {
    let dataset = maskGeometry.applied(to: try data.dataset(), saysSo: false)
    print(dataset.summary.printable)
    let verification = DatasetVerification(of: dataset, notANumber: scans.notANumber)
    let problems = verification.problems
    for problem in problems { print("\(problem.severity): \(problem)".printable) }
    for line in verification.grids.lines { print(line) }
    let errors = problems.count { $0.severity == .error }
    let total = dataset.training.count + dataset.test.count
    print(
      "\(dataset.name.printable): \(total) cases checked, \(errors) \(errors == 1 ? "error" : "errors"), "
        + "\(problems.count - errors) \(problems.count - errors == 1 ? "warning" : "warnings")")
    if errors > 0 { throw ExitCode.failure }
  }
}
