import Foundation

/// Every check of a data set that can be made before training, all findings at once.
///
/// Covers nnU-Net's `verify_dataset_integrity` (files, shapes, geometry, labels, channels, non-finite
/// voxels) and adds unreadable and truncated files, empty scans, duplicates and classes that never occur.
public enum DatasetVerification {
  /// Opens every file of the data set and returns what is wrong, in the order of `dataset.json`.
  ///
  /// - Parameter progress: Called after each case with the number done and the number of all.
  public static func problems(
    in dataset: Dataset, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) -> [DatasetProblem] {
    var problems = listProblems(dataset)
    var found: Set<UInt8> = []
    var isEveryMaskRead = true
    let cases = dataset.training + dataset.test
    for (index, entry) in cases.enumerated() {
      let verification = CaseVerification(of: entry, in: dataset)
      problems += verification.problems
      if entry.labelPath != nil {
        found.formUnion(verification.labels ?? [])
        isEveryMaskRead = isEveryMaskRead && verification.labels != nil
      }
      progress(index + 1, cases.count)
    }
    if isEveryMaskRead {
      for structure in dataset.labels.structures where found.isDisjoint(with: structure.values) {
        problems.append(
          DatasetProblem(
            path: dataset.descriptionPath,
            finding: .absentClass(values: structure.values.map(Int.init), name: structure.name)))
      }
    }
    return problems
  }

  /// What the list of cases itself tells.
  private static func listProblems(_ dataset: Dataset) -> [DatasetProblem] {
    var problems: [DatasetProblem] = []
    let listed = dataset.training.count
    if let declared = dataset.declaredTrainingCount, declared != listed,
      declared != listed + dataset.skippedCount
    {
      problems.append(
        DatasetProblem(
          path: dataset.descriptionPath, finding: .trainingCount(declared: declared, listed: listed)))
    }
    let trainingNames = Set(dataset.training.map(\.name))
    for list in [dataset.training, dataset.test] {
      var seen: Set<String> = []
      for entry in list where !seen.insert(entry.name).inserted {
        problems.append(DatasetProblem(path: entry.imagePath, finding: .duplicate(name: entry.name)))
      }
    }
    for entry in dataset.test where trainingNames.contains(entry.name) {
      problems.append(DatasetProblem(path: entry.imagePath, finding: .testInTraining(name: entry.name)))
    }
    return problems
  }
}
