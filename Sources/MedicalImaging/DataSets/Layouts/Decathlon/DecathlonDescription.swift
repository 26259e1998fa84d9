/// The object in a `dataset.json`.
struct DecathlonDescription {
  let path: String
  let entries: JSONObject

  init(path: String) throws(DatasetError) {
    self.path = path
    guard let entries = try DescriptionFile.json(of: path).object else {
      throw .invalidJSON(path: path, reason: "it holds no object")
    }
    self.entries = entries
  }

  /// The data set's name; nil where the description has none.
  var name: String? { entries["name"]?.string }

  /// The number of training cases that the description claims, if it does.
  var declaredTrainingCount: Int? { entries["numTraining"]?.integer }

  func labels() throws(DatasetError) -> LabelScheme {
    try LabelDescription(entries, in: path).scheme()
  }

  /// "modality" or nnU-Net's "channel_names", in either direction.
  func modality() throws(DatasetError) -> [Int: String] {
    try entries.indexedNames(["modality", "channel_names"], of: "channel numbers with names", in: path)
  }
}
