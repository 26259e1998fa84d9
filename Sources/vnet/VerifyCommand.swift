import ArgumentParser
import MedicalImaging

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check every file of a data set and list all that is wrong.",
    discussion: "Exits with 1 when there is an error; warnings do not count.")

  @Option(help: "Folder of the data set, with its dataset.json.")
  var dataDir: String

  @OptionGroup var scans: ScanOptions

  func run() throws {
    let dataset = try Dataset(folder: dataDir)
    let problems = DatasetVerification.problems(in: dataset, notANumber: scans.notANumber)
    for problem in problems { print("\(problem.severity): \(problem)") }
    let errors = problems.count { $0.severity == .error }
    let total = dataset.training.count + dataset.test.count
    print(
      "\(dataset.name): \(total) cases checked, \(errors) \(errors == 1 ? "error" : "errors"), "
        + "\(problems.count - errors) \(problems.count - errors == 1 ? "warning" : "warnings")")
    if errors > 0 { throw ExitCode.failure }
  }
}
