import ArgumentParser
@preconcurrency import Glibc

@main
struct VNetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vnet",
    abstract: "Trains, evaluates and runs V-Nets that segment 3-D medical images.",
    discussion: """
      Data sets have the form of the Medical Segmentation Decathlon: a folder with a dataset.json that lists \
      NIfTI scans and masks. 'vnet phantom' makes a small one to try.
      """,
    version: "0.1.0",
    subcommands: [
      TrainCommand.self, EvaluateCommand.self, ScoreCommand.self, PredictCommand.self, InspectCommand.self,
      VerifyCommand.self,
      PhantomCommand.self, BenchmarkCommand.self, DevicesCommand.self,
    ])

  static func main() {
    // Lines reach a pipe or a file as they are printed, in order with the progress and with errors.
    setvbuf(stdout, nil, _IOLBF, 0)
    runIfReplicated()
    self.main(nil)
  }
}
