/// The lists of cases in a `dataset.json`.
struct DecathlonList {
  private let description: DecathlonDescription
  private let folder: String
  private let allowsOutside: Bool
  /// The number of entries so far that were left out since a name starts with ".".
  private(set) var skippedCount = 0

  init(_ description: DecathlonDescription, folder: String, allowsOutside: Bool) {
    self.description = description
    self.folder = folder
    self.allowsOutside = allowsOutside
  }

  /// Reads a list of cases; an absent list of test cases is empty.
  ///
  /// - Parameter key: "training", whose entries need a mask, or "test", whose entries may be plain paths.
  mutating func cases(_ key: String) throws(DatasetError) -> [Case] {
    let isTraining = key == "training"
    guard let value = description.entries[key], value != .null else {
      if isTraining { throw .missingKey(path: description.path, key: key) }
      return []
    }
    let invalid = DatasetError.invalidValue(
      path: description.path, key: key,
      expected: isTraining
        ? "a list of objects with \"image\" and \"label\"" : "a list of paths or objects with \"image\"")
    guard let list = value.array else { throw invalid }
    var cases: [Case] = []
    for (index, entry) in list.enumerated() {
      let image = entry.object?["image"]?.string ?? (isTraining ? nil : entry.string)
      let label = isTraining ? entry.object?["label"]?.string : nil
      guard let image, label != nil || !isTraining else { throw invalid }
      let place = "entry \(index + 1) of \"\(key)\""
      if let found = try self.entry(place, image: image, label: label) { cases.append(found) }
    }
    return cases.namedApart(in: folder)
  }

  /// One case; nil for names that start with ".", which are counted.
  private mutating func entry(
    _ place: String, image: String, label: String?
  ) throws(DatasetError) -> Case? {
    let scan = EntryPath(text: image, place: place + ", \"image\"", description: description.path)
    let mask = label.map {
      EntryPath(text: $0, place: place + ", \"label\"", description: description.path)
    }
    if scan.isHidden || mask?.isHidden == true {
      skippedCount += 1
      return nil
    }
    let imagePath = try scan.file(in: folder, allowsOutside: allowsOutside)
    let labelPath = try mask.map { path throws(DatasetError) in
      try path.file(in: folder, allowsOutside: allowsOutside)
    }
    return Case(imagePath: imagePath, labelPath: labelPath)
  }
}
