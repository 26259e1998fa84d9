import ArgumentParser

/// Options of a cross-validation.
struct CrossValidationOptions: ParsableArguments {
  @Option(help: "Divide the labelled cases into so many folds, each of which validates once.")
  var folds: Int?

  @Option(help: "Train this fold only, from 0.")
  var fold: Int?

  func validate() throws {
    try require(folds, "--folds", 2...100)
    guard let fold else { return }
    guard let folds else { throw ValidationError("--fold needs --folds; for example --folds 5 --fold 0.") }
    try require(fold, "--fold", 0...folds - 1)
  }
}
