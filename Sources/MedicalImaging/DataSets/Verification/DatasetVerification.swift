import Foundation

/// Every check of a data set that can be made before training, all findings at once.
///
/// Covers nnU-Net's `verify_dataset_integrity` (files, shapes, geometry, labels, channels, non-finite
/// voxels) and adds unreadable and truncated files, empty scans, duplicates and classes that never occur.
public struct DatasetVerification: Sendable {
  /// What is wrong, in the order of the cases; then the scans that are unlike the others.
  public private(set) var problems: [DatasetProblem]
  /// The grids of the scans that can be used.
  public private(set) var grids = GridSurvey()

  /// Opens every file of the data set and returns what is wrong.
  ///
  /// - Parameters:
  ///   - dataset: to check.
  ///   - notANumber: what counts in place of voxels that are not a number; nil where they are errors.
  ///   - progress: Called after each case with the number done and the number of all.
  public static func problems(
    in dataset: Dataset, notANumber: Float? = nil, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) -> [DatasetProblem] {
    DatasetVerification(of: dataset, notANumber: notANumber, progress: progress).problems
  }

  /// Opens every file of the data set.
  ///
  /// - Parameters:
  ///   - dataset: to check.
  ///   - notANumber: what counts in place of voxels that are not a number; nil where they are errors.
  ///   - progress: Called after each case with the number done and the number of all.
  public init(
    of dataset: Dataset, notANumber: Float? = nil, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) {
    problems = Self.listProblems(dataset)
    var found: Set<UInt8> = []
    var isEveryMaskRead = true
    var contents = ScanContents()
    let cases = dataset.training + dataset.test
    for (index, entry) in cases.enumerated() {
      let verification = CaseVerification(of: entry, in: dataset, notANumber: notANumber)
      problems += verification.problems
      if let header = verification.header { grids.add(header) }
      if verification.isMaskReordered { grids.addReorderedMask() }
      if let content = verification.content {
        problems += contents.problems(adding: content, of: entry, isTest: index >= dataset.training.count)
      }
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
    problems += grids.outliers()
  }

  /// What the list of cases itself tells, without a look at the files.
  public static func listProblems(_ dataset: Dataset) -> [DatasetProblem] {
    var problems: [DatasetProblem] = []
    let listed = dataset.training.count
    if let declared = dataset.declaredTrainingCount, declared != listed,
      declared != listed + dataset.skippedCount
    {
      problems.append(
        DatasetProblem(
          path: dataset.descriptionPath, finding: .trainingCount(declared: declared, listed: listed)))
    }
    problems += dataset.remarks
    for list in [dataset.training, dataset.test] {
      var seen: Set<[String]> = []
      for entry in list where !seen.insert(entry.imagePaths).inserted {
        problems.append(DatasetProblem(path: entry.imagePath, finding: .duplicate(name: entry.name)))
      }
    }
    let trained = Set(dataset.training.map(\.imagePaths))
    for entry in dataset.test where trained.contains(entry.imagePaths) {
      problems.append(DatasetProblem(path: entry.imagePath, finding: .testInTraining(name: entry.name)))
    }
    for entry in dataset.training + dataset.test where entry.isItsOwnMask {
      problems.append(DatasetProblem(path: entry.imagePath, finding: .list(.maskIsScan)))
    }
    return problems + sharedMasks(dataset)
  }

  /// Masks that several scans have.
  private static func sharedMasks(_ dataset: Dataset) -> [DatasetProblem] {
    var scans: [String: [String]] = [:]
    for entry in dataset.training + dataset.test {
      guard let mask = entry.labelPath, scans[mask]?.contains(entry.imagePath) != true else { continue }
      scans[mask, default: []].append(entry.imagePath)
    }
    return scans.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }.map {
      DatasetProblem(path: $0.key, finding: .list(.sharedMask(images: $0.value)))
    }
  }
}
