import ArgumentParser
import MedicalImaging

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check every file of a data set and list all that is wrong.",
    discussion: "Exits with 1 when there is an error; warnings do not count.")

  @OptionGroup var data: DatasetOptions

  func run() throws {
    let dataset = try data.dataset()
    print(dataset.summary)
    let problems = DatasetVerification.problems(in: dataset)
    for problem in problems { print("\(problem.severity): \(problem)") }
    let errors = problems.count { $0.severity == .error }
    let total = dataset.training.count + dataset.test.count
    print(
      "\(dataset.name): \(total) cases checked, \(errors) \(errors == 1 ? "error" : "errors"), "
        + "\(problems.count - errors) \(problems.count - errors == 1 ? "warning" : "warnings")")
    if errors > 0 { throw ExitCode.failure }
  }
}
