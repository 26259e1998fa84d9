/// A data set in the form of the Medical Segmentation Decathlon: a folder with a `dataset.json`.
///
/// Source: Antonelli et al., "The Medical Segmentation Decathlon", arXiv 2106.05735, and the files of
/// nnU-Net, which swap names and numbers in "labels" and call the modalities "channel_names".
public struct Dataset: Equatable, Sendable {
  /// The folder that holds `dataset.json`.
  public let folder: String
  public let name: String
  /// The classes by number, 0 (background) to n - 1.
  public let labels: [Int: String]
  /// The modalities (channels) by number, 0 to n - 1, such as "MRI" or "CT".
  public let modality: [Int: String]
  /// Cases with masks. Files whose name starts with "." or "_" are left out.
  public let training: [Case]
  /// Cases without masks; often none.
  public let test: [Case]
  /// The number of training cases that the file claims, if it does.
  public let declaredTrainingCount: Int?
  /// The number of entries left out because their name starts with "." or "_".
  public let skippedCount: Int

  /// The names of the classes in order, background first.
  public var classNames: [String] { labels.keys.sorted().compactMap { labels[$0] } }
  /// The names of the channels in order.
  public var channelNames: [String] { modality.keys.sorted().compactMap { modality[$0] } }

  /// The path of the data set's description.
  public var descriptionPath: String { Dataset.descriptionPath(in: folder) }

  static func descriptionPath(in folder: String) -> String {
    folder.hasSuffix("/") ? folder + "dataset.json" : folder + "/dataset.json"
  }
}
