import Foundation

/// The object in a `dataset.json`, with what it takes to read it safely.
struct DecathlonDescription {
  let path: String
  let entries: [String: JSONValue]
  /// The keys of "labels" in the file's order.
  private let labelKeys: [String]

  /// The most bytes that are read: enough for a hundred thousand cases.
  static let maximumByteCount = 1 << 25

  init(path: String) throws(DatasetError) {
    self.path = path
    let content = try Self.content(of: path)
    labelKeys = JSONKeys.keys(ofObject: "labels", in: content)
    do {
      guard case .object(let entries) = try JSONDecoder().decode(JSONValue.self, from: content) else {
        throw DatasetError.invalidJSON(path: path, reason: "it holds no object")
      }
      self.entries = entries
    } catch let error as DatasetError {
      throw error
    } catch {
      throw .invalidJSON(path: path, reason: Self.reason(error))
    }
  }

  private static func content(of path: String) throws(DatasetError) -> Data {
    let attributes = try? FileManager.default.attributesOfItem(
      atPath: URL(fileURLWithPath: path).resolvingSymlinksInPath().path)
    guard let attributes, let byteCount = attributes[.size] as? Int else { throw .notFound(path: path) }
    guard attributes[.type] as? FileAttributeType == .typeRegular else {
      throw .cannotRead(path: path, reason: "it is not a file")
    }
    guard byteCount <= maximumByteCount else { throw .tooLarge(path: path, byteCount: byteCount) }
    do {
      return try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw .cannotRead(path: path, reason: "permission denied or a damaged disk")
    }
  }

  /// The parser's own words, in one line.
  private static func reason(_ error: any Error) -> String {
    guard case DecodingError.dataCorrupted(let context) = error else { return "it is damaged" }
    let underlying = (context.underlyingError as NSError?)?.userInfo[NSDebugDescriptionErrorKey] as? String
    let words = underlying ?? context.debugDescription
    return words.split(whereSeparator: \.isNewline).joined(separator: " ").trimmingCharacters(
      in: CharacterSet(charactersIn: ". "))
  }

  func labels() throws(DatasetError) -> LabelScheme {
    try LabelDescription(entries, keys: labelKeys, in: path).scheme()
  }

  /// "modality" or nnU-Net's "channel_names", in either direction.
  func modality() throws(DatasetError) -> [Int: String] {
    try entries.indexedNames(["modality", "channel_names"], of: "channel numbers with names", in: path)
  }

  /// Reads a list of cases; an absent list is empty.
  ///
  /// - Parameter key: "training", whose entries need a mask, or "test", whose entries may be plain paths.
  func cases(_ key: String, in folder: String, skipped: inout Int) throws(DatasetError) -> [Case] {
    let needsLabel = key == "training"
    guard let value = entries[key], value != .null else {
      if needsLabel { throw .missingKey(path: path, key: key) }
      return []
    }
    let expected =
      needsLabel
      ? "a list of objects with \"image\" and \"label\"" : "a list of paths or objects with \"image\""
    guard case .array(let list) = value else {
      throw .invalidValue(path: path, key: key, expected: expected)
    }
    var cases: [Case] = []
    for entry in list {
      var (image, label): (String?, String?) = (nil, nil)
      if case .object(let object) = entry {
        (image, label) = (object["image"]?.string, object["label"]?.string)
      } else if !needsLabel {
        image = entry.string
      }
      guard let image, label != nil || !needsLabel else {
        throw .invalidValue(path: path, key: key, expected: expected)
      }
      if isHidden(image) || label.map(isHidden) == true {
        skipped += 1
        continue
      }
      let labelPath =
        needsLabel ? try label.map { text throws(DatasetError) in try resolved(text, in: folder) } : nil
      cases.append(Case(imagePath: try resolved(image, in: folder), labelPath: labelPath))
    }
    return cases
  }

  private func isHidden(_ entry: String) -> Bool {
    let file = entry.split(separator: "/").last ?? ""
    return file.hasPrefix("_") || (file.hasPrefix(".") && file != "." && file != "..")
  }

  /// Joins a relative path to the folder; the path may not lead out of it.
  private func resolved(_ entry: String, in folder: String) throws(DatasetError) -> String {
    var components: [Substring] = []
    for component in entry.split(separator: "/") where component != "." {
      if component != ".." {
        components.append(component)
      } else if components.popLast() == nil {
        throw .outsideFolder(path: path, entry: printable(entry))
      }
    }
    guard !entry.hasPrefix("/"), !entry.utf8.contains(0), !components.isEmpty else {
      throw .outsideFolder(path: path, entry: printable(entry))
    }
    return (folder.hasSuffix("/") ? folder : folder + "/") + components.joined(separator: "/")
  }

  private func printable(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
  }
}
