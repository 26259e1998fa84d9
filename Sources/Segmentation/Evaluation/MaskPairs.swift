import Foundation
import MedicalImaging

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
  /// The files of the truth without a mask, each a case that cannot be measured; of the masks without truth.
  public let unmatchedTruths: [String]
  public let unmatchedMasks: [String]

  /// Finds which masks belong together. They are read only where nothing declares their classes.
  ///
  /// - Parameters:
  ///   - truth: a data set, whose labelled cases count, or a folder of masks.
  ///   - masks: a folder of masks.
  ///   - labels: nil for those of the data set, or for a plain folder those that occur.
  /// - Throws: `DatasetError`, or `SegmentationError` where there is nothing to compare or two files have one name.
  public init(truth: String, masks: String, labels: LabelScheme? = nil) throws {
    let known = try Truth(at: truth)
    datasetName = known.name
    let found = try Self.masks(in: masks)
    pairs = known.cases.compactMap { entry in
      found[entry.name].map {
        Pair(name: entry.name, truthPath: entry.path, maskPath: $0, imagePaths: entry.imagePaths)
      }
    }
    let names = Set(known.cases.map(\.name))
    unmatchedTruths = known.cases.filter { found[$0.name] == nil }.map(\.path)
    unmatchedMasks = found.filter { !names.contains($0.key) }.map(\.value).sorted()
    self.labels =
      labels ?? known.labels
      ?? LabelScheme(valuesIn: pairs.flatMap { [$0.truthPath, $0.maskPath] }, named: "label")
    guard !pairs.isEmpty else {
      throw SegmentationError.noCases(
        reason: "\(masks): none of its \(found.count) masks has the name of a case of \(truth), such as "
          + "\(known.cases[0].name); name masks as their cases.")
    }
  }

  /// The masks of a folder by the names of their cases.
  fileprivate static func masks(in folder: String) throws -> [String: String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
      throw SegmentationError.noCases(reason: "\(folder): there is no such folder; give a folder of masks.")
    }
    var masks: [String: String] = [:]
    for mask in try FolderScans(folder).scans {
      if let first = masks.updateValue(mask.imagePath, forKey: mask.name) {
        throw SegmentationError.duplicateCase(name: mask.name, first: first, second: mask.imagePath)
      }
    }
    guard !masks.isEmpty else {
      throw SegmentationError.noCases(
        reason: "\(folder): there is no mask in this folder; masks end in \(ImageFormat.suffixList).")
    }
    return masks
  }
}

/// The true masks.
private struct Truth {
  let name: String
  let cases: [(name: String, path: String, imagePaths: [String])]
  let labels: LabelScheme?

  init(at path: String) throws {
    if let folder = DatasetLayout.holdsDataset(path) ? path : DatasetLayout.folder(describedBy: path) {
      let dataset = try Dataset(folder: folder)
      name = dataset.name
      cases = dataset.training.compactMap { entry in
        entry.labelPath.map { (entry.name, $0, entry.imagePaths) }
      }
      labels = dataset.labels
    } else {
      name = URL(fileURLWithPath: path).lastPathComponent
      cases = try MaskPairs.masks(in: path).sorted { $0.key < $1.key }.map { ($0.key, $0.value, []) }
      labels = nil
    }
  }
}
