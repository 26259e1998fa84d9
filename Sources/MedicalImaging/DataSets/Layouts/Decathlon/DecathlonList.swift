import Foundation

/// The lists of cases in a `dataset.json`.
struct DecathlonList {
  private let description: DecathlonDescription
  private let folder: String
  private let allowsOutside: Bool
  private let channelCount: Int
  /// The number of entries so far that were left out since a name starts with ".".
  private(set) var skippedCount = 0

  init(_ description: DecathlonDescription, folder: String, channelCount: Int, allowsOutside: Bool) {
    self.channelCount = channelCount
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
    return Case(
      name: Case.name(ofImage: imagePath), imagePaths: channelFiles(of: imagePath), labelPath: labelPath)
  }

  /// The files of a scan: the one that is listed or, where it is not there and its first channel is, those of its channels,
  /// as nnU-Net's version 1 names them.
  private func channelFiles(of image: String) -> [String] {
    let suffix = ImageFormat.suffix(of: image) ?? ""
    let channels = (0..<channelCount).map {
      String(image.dropLast(suffix.count)) + NumberedChannel.suffix($0) + suffix
    }
    let isThere = FileManager.default.fileExists(atPath:)
    return !isThere(image) && isThere(channels[0]) ? channels : [image]
  }
}
