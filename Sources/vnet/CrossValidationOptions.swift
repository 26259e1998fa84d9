import ArgumentParser
import MedicalImaging
import Segmentation

/// Options of how cases are divided into those that train and those that validate.
struct CrossValidationOptions: ParsableArguments {
  @Option(help: "Divide the labelled cases into so many folds, each of which validates once.")
  var folds: Int?

  @Option(help: "Train this fold only, from 0.")
  var fold: Int?

  @Option(
    help: ArgumentHelp(
      "Divide as this file says, in the form of nnU-Net's splits_final.json; with several divisions also --folds or --fold.",
      valueName: "file"))
  var splits: String?

  @Option(
    help: ArgumentHelp(
      "Regular expression whose first group in a case's name is the subject, whose cases are kept together.",
      valueName: "regex"))
  var subjectPattern: String?

  func validate() throws {
    try require(folds, "--folds", 2...100)
    if let subjectPattern { _ = try SubjectPattern(subjectPattern) }
    guard splits == nil || subjectPattern == nil else {
      throw ValidationError(
        "--subject-pattern is for divisions at random, and --splits divides otherwise; leave one of them out."
      )
    }
    guard let fold else { return }
    guard let folds else {
      guard splits == nil else { return }
      throw ValidationError("--fold needs --folds; for example --folds 5 --fold 0.")
    }
    try require(fold, "--fold", 0...folds - 1)
  }

  /// The division that was given as a file.
  ///
  /// - Throws: `DatasetError`.
  func givenSplits() throws -> Splits? {
    try splits.map { path throws(DatasetError) in try Splits(contentsOf: path) }
  }

  /// The number of folds; nil for one model.
  ///
  /// - Throws: where the numbers of folds that are asked for and that are there differ.
  func foldCount(_ splits: Splits?) throws -> Int? {
    guard let splits else { return folds }
    let count = splits.parts.count
    if let folds, folds != count {
      throw DatasetError.splits(path: splits.origin, .foldCount(found: count, expected: folds))
    }
    try require(fold, "--fold", 0...count - 1)
    guard folds != nil || fold != nil else {
      guard count == 1 else {
        throw ValidationError(
          "\(splits.origin) has \(count) divisions; give --folds \(count) to train with each, or --fold 0 for the first."
        )
      }
      return nil
    }
    return count
  }
}
