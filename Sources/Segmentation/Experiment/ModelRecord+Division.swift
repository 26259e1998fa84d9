import MedicalImaging

extension ModelRecord {
  /// How the cases were divided, where a list or subjects decided on it: "by splits.json, division 0 of 5"; nil for a division
  /// of single cases at random.
  public var divisionSummary: String? {
    if let splits = options.splits {
      let part = options.fold.map { ", division \($0)" } ?? ""
      return "by \(splits.origin)\(part)"
    }
    guard let subjectCount else { return nil }
    let pattern = options.subjectPattern.map { " by --subject-pattern \($0)" } ?? ""
    return "\(randomDivisionSummary), \(subjectCount) subjects kept together\(pattern)"
  }

  /// How a division at random was made.
  public var randomDivisionSummary: String {
    let share = options.fold.map { "fold \($0)" } ?? "--train-split \(options.trainingFraction)"
    return "at random, \(share), --split-seed \(options.splitSeed)"
  }

  /// The labelled cases that a list of splits leaves out of the run, as a remark; empty where there are none.
  public func leftOut(of dataset: Dataset) -> [DatasetProblem] {
    guard let splits = options.splits else { return [] }
    let names = splits.leftOut(of: dataset.training, part: options.fold?.index ?? 0).map(\.name)
    return names.isEmpty
      ? [] : [DatasetProblem(path: splits.origin, finding: .list(.inNoPart(names: names)))]
  }
}
