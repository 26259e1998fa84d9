import Foundation

/// The form of the Medical Segmentation Decathlon: a folder with a `dataset.json`.
///
/// Entries whose file name starts with "." or "_" are left out.
///
/// Source: Antonelli et al., "The Medical Segmentation Decathlon", arXiv 2106.05735, and the files of
/// nnU-Net, which swap names and numbers in "labels" and call the modalities "channel_names".
enum DecathlonReader: DatasetReader {
  static let descriptionName = "dataset.json"

  static func descriptionPath(in folder: String) -> String {
    folder.hasSuffix("/") ? folder + descriptionName : folder + "/" + descriptionName
  }

  static func recognises(_ folder: String) -> Bool {
    FileManager.default.fileExists(atPath: descriptionPath(in: folder))
  }

  static func folder(describedBy path: String) -> String? {
    let url = URL(fileURLWithPath: path)
    return url.lastPathComponent == descriptionName ? url.deletingLastPathComponent().path : nil
  }

  static func read(_ folder: String) throws(DatasetError) -> Dataset {
    let path = descriptionPath(in: folder)
    let description = try DecathlonDescription(path: path)
    let labels = try description.labels()
    let modality = try description.modality()
    var skipped = 0
    let training = try description.cases("training", in: folder, skipped: &skipped)
    let test = try description.cases("test", in: folder, skipped: &skipped)
    guard !training.isEmpty else { throw .noTrainingCases(path: path) }
    return Dataset(
      name: description.entries["name"]?.string ?? Case.name(ofImage: folder), descriptionPath: path,
      layout: .decathlon, labels: labels,
      channelNames: modality.sorted { $0.key < $1.key }.map(\.value), training: training, test: test,
      declaredTrainingCount: description.entries["numTraining"]?.integer, skippedCount: skipped)
  }
}
