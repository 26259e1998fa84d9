import ArgumentParser

/// Options of when checkpoints are written.
struct CheckpointOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write a checkpoint within an epoch, too, this time after the last: 90s, 10m, 2h or none. Of one process on one device.",
      valueName: "time"))
  var checkpointEvery = CheckpointInterval(duration: .seconds(600))

  @Option(
    help: ArgumentHelp(
      "Keep so many checkpoints from before the last, epoch-0001.safetensors and so on; renamed to "
        + "last.safetensors, one takes its place.", valueName: "count"))
  var keep = 0

  func validate() throws { try require(keep, "--keep", 0...1_000_000) }
}

/// A time between checkpoints, or none.
struct CheckpointInterval: ExpressibleByArgument, CustomStringConvertible {
  let duration: Duration?

  init(duration: Duration?) { self.duration = duration }

  init?(argument: String) {
    if argument == "none" {
      duration = nil
      return
    }
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
    guard let unit = argument.last.flatMap({ units[$0] }), let count = Double(argument.dropLast()),
      (1...1e9).contains(count * unit)
    else { return nil }
    duration = .seconds(count * unit)
  }

  var description: String { duration.map { "\(Int($0 / .seconds(60)))m" } ?? "none" }
}
