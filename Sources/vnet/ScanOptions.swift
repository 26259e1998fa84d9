import ArgumentParser

/// What to make of scans as they are.
struct ScanOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Take this value, such as 0, for voxels that are not a number (NaN); infinite ones stay errors. A model remembers what "
        + "it was trained with, and predicts with it.", valueName: "value"))
  var nanAs: Double?

  func validate() throws {
    guard nanAs?.isFinite ?? true else {
      throw ValidationError("--nan-as takes a finite value, such as 0.")
    }
  }

  var notANumber: Float? { nanAs.map { Float($0) } }
}
