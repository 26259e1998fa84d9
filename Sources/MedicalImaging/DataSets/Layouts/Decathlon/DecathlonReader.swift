import Foundation

/// The form of the Medical Segmentation Decathlon: a folder with a `dataset.json`.
///
/// Entries whose file name starts with "." are left out.
///
/// Source: Antonelli et al., "The Medical Segmentation Decathlon", arXiv 2106.05735, and the files of
/// nnU-Net, which swap names and numbers in "labels" and call the modalities "channel_names"; those of its version 1 list
/// a scan by the name that the files of its channels begin with.
enum DecathlonReader: DatasetReader {
  static let descriptionName = "dataset.json"

  static let form = LayoutForm(
    name: "MSD form", mark: "a dataset.json that lists the cases (MSD)",
    contents: """
      A folder with a dataset.json: "modality" (or "channel_names") and "labels"
      name channels and classes by their numbers, "training" lists pairs of
      "image" and "label", "test" scans without masks. Paths are relative to the
      folder and stay in it, unless --allow-outside is given. Of an image that
      is not there the files of its channels are taken, as nnU-Net's version 1
      names them: CASE_0000.nii.gz, CASE_0001.nii.gz ...
      """, example: "vnet train --data-dir Task04_Hippocampus --model-dir model")

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

  static func read(_ folder: String, _ options: DatasetReadingOptions) throws(DatasetError) -> Dataset {
    let path = descriptionPath(in: folder)
    try options.requireNoClassNames(path)
    let description = try DecathlonDescription(path: path)
    let labels = try description.labels()
    let modality = try description.modality()
    var list = DecathlonList(
      description, folder: folder, channelCount: modality.count, allowsOutside: options.allowsOutside)
    let training = try list.cases("training")
    let test = try list.cases("test")
    guard !training.isEmpty else { throw .noTrainingCases(path: path, .noneListed) }
    return Dataset(
      name: description.name ?? Case.name(ofImage: folder), descriptionPath: path,
      layout: .decathlon, labels: labels,
      channelNames: modality.sorted { $0.key < $1.key }.map(\.value), training: training, test: test,
      declaredTrainingCount: description.declaredTrainingCount, skippedCount: list.skippedCount)
  }
}
