import MedicalImaging

/// Which of a data set's labelled cases are meant.
public enum SplitChoice: String, Sendable, CaseIterable {
  case validation
  case training
  case all
  /// Those with masks that the data set keeps for a test.
  case test
}

extension ModelRecord {
  /// The cases of a data set with the given names.
  ///
  /// - Parameter remedy: what the user may do where they are not there, besides giving another data set.
  func cases(named names: [String], in dataset: Dataset, otherwise remedy: String = "") throws -> [Case] {
    try dataset.requireDistinctCases()
    let byName = Dictionary(uniqueKeysWithValues: dataset.training.map { ($0.name, $0) })
    return try names.map { name in
      guard let entry = byName[name] else {
        throw SegmentationError.noCases(
          reason: "\(dataset.descriptionPath): the case \(name), which the model was trained with, is not "
            + "listed; give the data set of the training\(remedy).")
      }
      return entry
    }
  }

  /// - Throws: `SegmentationError.classMismatch` for a data set with other classes, or one that names none and has masks with
  ///   more than the model's.
  func requireSameClasses(_ dataset: Dataset) throws {
    let (found, expected) = (dataset.labels, preparation.labels)
    let agrees =
      dataset.namesClasses
      ? found == expected : Set(found.values).isSubset(of: expected.values)
    guard agrees else {
      let haveOneName = found.outputNames == expected.outputNames
      throw SegmentationError.classMismatch(
        dataset: dataset.descriptionPath, found: haveOneName ? found.valuedNames : found.outputNames,
        expected: haveOneName ? expected.valuedNames : expected.outputNames)
    }
  }

  /// The labelled cases of a data set that a split means.
  public func cases(of split: SplitChoice, in dataset: Dataset) throws -> [Case] {
    try requireSameClasses(dataset)
    let remedy = ", or evaluate with --split all"
    switch split {
    case .training: return try cases(named: trainingCases, in: dataset, otherwise: remedy)
    case .validation:
      guard !validationCases.isEmpty else {
        throw SegmentationError.noCases(
          reason: "there is nothing to validate the model on, because \(everyCaseTrains); "
            + "evaluate with --split training or all.")
      }
      return try cases(named: validationCases, in: dataset, otherwise: remedy)
    case .all:
      try dataset.requireDistinctCases()
      return dataset.training
    case .test:
      let labelled = dataset.test.filter { $0.labelPath != nil }
      guard !labelled.isEmpty else {
        throw SegmentationError.noCases(
          reason:
            "\(dataset.descriptionPath): keeps no case with a mask for the test; evaluate another --split.")
      }
      return labelled
    }
  }
}
