import Foundation
import MedicalImaging
import PlainText

/// Masks by any program beside the true ones, matched by the names of their cases.
public struct MaskPairs {
  /// A case of which there are both.
  public struct Pair: Equatable, Sendable {
    public let name: String
    public let truthPath: String
    public let maskPath: String
    /// The scan, where the truth comes with one, for pictures.
    public let imagePaths: [String]
  }

  /// The data set's name, or that of the truth's folder.
  public let datasetName: String
  public let pairs: [Pair]
  /// Those that were declared, else the values that occur.
  public let labels: LabelScheme
  /// Which of the data set's labelled cases count: those for the test where only these have masks.
  public let split: SplitChoice
  /// The files of the truth without a mask, each a case that cannot be measured; of the masks without truth.
  public let unmatchedTruths: [String]
  public let unmatchedMasks: [String]
  /// The number of files with probabilities beside their masks, which are left out.
  public let probabilitiesCount: Int

  /// Finds which masks belong together: those of one name, or of one but for an end such as "_seg". They are read only where
  /// nothing declares their classes.
  ///
  /// - Parameters:
  ///   - truth: a data set, whose labelled cases count, or a folder of masks.
  ///   - masks: a folder of masks.
  ///   - labels: nil for those of the data set, or for a plain folder those that occur.
  /// - Throws: `DatasetError`, or `SegmentationError` where there is nothing to compare or two files have one name.
  public init(truth: String, masks: String, labels: LabelScheme? = nil) throws {
    let known = try Truth(at: truth)
    datasetName = known.name
    let found = try NamedMasks(in: masks)
    probabilitiesCount = found.probabilitiesCount
    func hasMask(_ entry: Truth.Entry) -> Bool { found.path(ofCase: entry.name) != nil }
    // Where a data set keeps masks for the test, too, those cases count of which there is something to measure.
    let measuresTest = known.test.contains(where: hasMask)
    let measuresTraining = known.training.contains(where: hasMask) || !measuresTest
    split = measuresTraining ? .all : .test
    let cases = (measuresTraining ? known.training : []) + (measuresTest ? known.test : [])
    pairs = cases.compactMap { entry in
      found.path(ofCase: entry.name).map {
        Pair(name: entry.name, truthPath: entry.path, maskPath: $0, imagePaths: entry.imagePaths)
      }
    }
    unmatchedTruths = cases.filter { found.path(ofCase: $0.name) == nil }.map(\.path)
    unmatchedMasks = Set(found.paths.values).subtracting(pairs.map(\.maskPath)).sorted()
    self.labels =
      labels ?? known.labels
      ?? LabelScheme(valuesIn: pairs.flatMap { [$0.truthPath, $0.maskPath] }, named: "label")
    guard !pairs.isEmpty else {
      throw SegmentationError.noCases(
        reason:
          "\(masks): none of its \(counted(found.paths.count, "mask")) has the name of a case of \(truth), such as "
          + "\(cases[0].name); name masks as their cases.")
    }
  }
}

/// The masks of a folder.
private struct NamedMasks {
  /// By the names of their files.
  let paths: [String: String]
  /// The number of files with probabilities beside their masks.
  let probabilitiesCount: Int
  /// Of files whose names have a mask's end, by what stands before it.
  private let pathsByCase: [String: String]

  init(in folder: String) throws {
    var paths: [String: String] = [:]
    for mask in try FolderScans(folder).scans {
      if let first = paths.updateValue(mask.imagePath, forKey: mask.name) {
        throw SegmentationError.duplicateCase(name: mask.name, first: first, second: mask.imagePath)
      }
    }
    guard !paths.isEmpty else {
      throw SegmentationError.noCases(
        reason: "\(folder): there is no mask in this folder; masks end in \(ImageFormat.suffixList).")
    }
    let all = paths
    self.paths = paths.filter { name, _ in
      !name.hasSuffix(PredictionOutput.probabilitiesEnding)
        || all[String(name.dropLast(PredictionOutput.probabilitiesEnding.count))] == nil
    }
    probabilitiesCount = all.count - self.paths.count
    pathsByCase = Dictionary(
      self.paths.sorted { $0.key < $1.key }.map { (MaskName.caseName($0.key), $0.value) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The mask of a case: of its name, or of its name but for an end that masks have.
  func path(ofCase name: String) -> String? { paths[name] ?? pathsByCase[MaskName.caseName(name)] }
}

/// The true masks.
private struct Truth {
  struct Entry {
    let name: String
    let path: String
    let imagePaths: [String]
  }

  let name: String
  /// Of a data set the cases that train, or the masks of a folder.
  let training: [Entry]
  /// Those that a data set keeps for the test.
  let test: [Entry]
  let labels: LabelScheme?

  init(at path: String) throws {
    if let folder = DatasetLayout.holdsDataset(path) ? path : DatasetLayout.folder(describedBy: path) {
      let dataset = try Dataset(folder: folder)
      name = dataset.name
      training = Self.labelled(dataset.training)
      test = Self.labelled(dataset.test)
      labels = dataset.labels
    } else {
      name = URL(fileURLWithPath: path).lastPathComponent
      training = try NamedMasks(in: path).paths.sorted { $0.key < $1.key }.map {
        Entry(name: $0.key, path: $0.value, imagePaths: [])
      }
      test = []
      labels = try Self.labelsBeside(path)
    }
  }

  private static func labelled(_ cases: [Case]) -> [Entry] {
    cases.compactMap { entry in
      entry.labelPath.map { Entry(name: entry.name, path: $0, imagePaths: entry.imagePaths) }
    }
  }

  /// Those that the data set declares in which a folder of masks lies; nil for another folder.
  private static func labelsBeside(_ path: String) throws -> LabelScheme? {
    let folder = URL(fileURLWithPath: path)
    let description = folder.deletingLastPathComponent().appendingPathComponent("dataset.json").path
    guard ["labelsTr", "labelsTs"].contains(folder.lastPathComponent),
      FileManager.default.fileExists(atPath: description)
    else { return nil }
    return try LabelScheme(declaredIn: description)
  }
}
