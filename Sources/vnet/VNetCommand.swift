import ArgumentParser
@preconcurrency import Glibc

@main
struct VNetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vnet",
    abstract: "Trains, evaluates and runs V-Nets that segment 3-D medical images.",
    discussion: """
      Data sets in the form of the Medical Segmentation Decathlon or of nnU-Net, folders of scans and masks, and lists are \
      read as they are: 'vnet help data' shows formats and layouts. 'vnet phantom' makes a small data set to try.
      """,
    version: "0.1.0",
    subcommands: [
      TrainCommand.self, EvaluateCommand.self, PredictCommand.self, InspectCommand.self, VerifyCommand.self,
      PhantomCommand.self, BenchmarkCommand.self, DevicesCommand.self, DataTopic.self,
    ])

  static func main() {
    // Lines reach a pipe or a file as they are printed, in order with the progress and with errors.
    setvbuf(stdout, nil, _IOLBF, 0)
    runIfReplicated()
    self.main(nil)
  }
}
