import MedicalImaging

/// Which of a data set's labelled cases are meant.
public enum SplitChoice: String, Sendable, CaseIterable {
  case validation
  case training
  case all
}

extension ModelRecord {
  /// The cases of a data set with the given names.
  func cases(named names: [String], in dataset: Dataset) throws -> [Case] {
    let byName = Dictionary(dataset.training.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    return try names.map { name in
      guard let entry = byName[name] else {
        throw SegmentationError.noCases(
          reason: "\(dataset.descriptionPath): the case \(name), which the model was trained with, is not "
            + "listed; give the data set of the training, or evaluate with --split all.")
      }
      return entry
    }
  }

  /// - Throws: `SegmentationError.classMismatch` for a data set with other classes.
  func requireSameClasses(_ dataset: Dataset) throws {
    guard dataset.classNames == preparation.classNames else {
      throw SegmentationError.classMismatch(
        dataset: dataset.descriptionPath, found: dataset.classNames, expected: preparation.classNames)
    }
  }

  /// The labelled cases of a data set that a split means.
  public func cases(of split: SplitChoice, in dataset: Dataset) throws -> [Case] {
    try requireSameClasses(dataset)
    switch split {
    case .training: return try cases(named: trainingCases, in: dataset)
    case .validation:
      guard !validationCases.isEmpty else {
        throw SegmentationError.noCases(
          reason: "there is nothing to validate the model on, because \(everyCaseTrains); "
            + "evaluate with --split training or all.")
      }
      return try cases(named: validationCases, in: dataset)
    case .all: return dataset.training
    }
  }
}
