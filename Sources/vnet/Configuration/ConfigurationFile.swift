import Foundation
import Yams

/// A file of options in YAML or JSON, read without trust in it: a map from the long names of options to a value, true or false,
/// or a list of values.
struct ConfigurationFile {
  /// One key and what it says.
  struct Entry: Equatable {
    /// As it is written.
    let key: String
    let value: Value
  }

  enum Value: Equatable {
    case text(String)
    case list([String])
  }

  /// A configuration is small: what is longer, or could nest deeper than the parser's stack allows, is something else.
  private static let (byteLimit, collectionLimit) = (65_536, 2000)

  let path: String
  let entries: [Entry]

  /// - Throws: `ConfigurationFileError` where the file cannot be read or holds anything else.
  init(contentsOf path: String) throws(ConfigurationFileError) {
    self.path = path
    let (parser, root) = try Self.root(of: try Self.text(path), path)
    // Nodes have weak references to their anchors, which are the parser's.
    defer { withExtendedLifetime(parser) {} }
    guard let root else {
      entries = []
      return
    }
    guard case .mapping(let mapping) = root else {
      throw ConfigurationFileError(
        path: path, reason: "is no map of options; write lines such as epochs: 40.")
    }
    var entries: [Entry] = []
    for (key, value) in mapping { entries.append(try Self.entry(key, value, path)) }
    self.entries = entries
  }

  private static func text(_ path: String) throws(ConfigurationFileError) -> String {
    guard let file = FileHandle(forReadingAtPath: path),
      let data = try? file.read(upToCount: byteLimit + 1) ?? Data()
    else {
      throw ConfigurationFileError(path: path, reason: "cannot be read; give a file of options as --config.")
    }
    guard data.count <= byteLimit else {
      throw ConfigurationFileError(
        path: path,
        reason: "is longer than \(byteLimit >> 10) KiB, which no configuration is; give another file.")
    }
    guard let text = String(bytes: data, encoding: .utf8), !text.contains("\0") else {
      throw ConfigurationFileError(path: path, reason: "is no text in UTF-8; give a file in YAML or JSON.")
    }
    return text
  }

  /// nil for an empty document.
  private static func root(
    of text: String, _ path: String
  ) throws(ConfigurationFileError) -> (Parser, Node?) {
    guard collectionBound(of: text) <= collectionLimit else {
      throw ConfigurationFileError(
        path: path, reason: "holds more than \(collectionLimit) lists and maps, which no configuration does.")
    }
    do {
      let parser = try Parser(yaml: text)
      return (parser, try parser.singleRoot())
    } catch {
      let line = "\(error)".split(separator: "\n").first.map(String.init) ?? ""
      throw ConfigurationFileError(
        path: path, reason: "is neither YAML nor JSON (\(line)); correct it there.")
    }
  }

  /// More than the collections that a text can hold, nested ones among them: its opening brackets, and its dashes and question
  /// marks before a space. The parser calls itself for each level.
  private static func collectionBound(of text: String) -> Int {
    var count = 0
    var last: UInt8 = 0
    for byte in text.utf8 {
      let isSpace = byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
      if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") { count += 1 }
      if isSpace, last == UInt8(ascii: "-") || last == UInt8(ascii: "?") { count += 1 }
      last = byte
    }
    return count
  }

  private static func entry(
    _ key: Node, _ value: Node, _ path: String
  ) throws(ConfigurationFileError) -> Entry {
    guard let name = key.scalar?.string else {
      throw ConfigurationFileError(path: path, reason: "has a key that is no name; give names of options.")
    }
    func refusal(_ reason: String) -> ConfigurationFileError {
      ConfigurationFileError(path: path, key: name, reason: reason)
    }
    guard key.anchor == nil, value.anchor == nil else {
      throw refusal("has an anchor, and values are written out here; write it without.")
    }
    switch value {
    case .scalar(let scalar):
      guard let text = scalar.givenText else { throw refusal("has no value; give one, or remove the line.") }
      return Entry(key: name, value: .text(text))
    case .sequence(let elements):
      var list: [String] = []
      for element in elements {
        guard case .scalar(let scalar) = element, let text = scalar.givenText, element.anchor == nil else {
          throw refusal("holds more than a list of values; write them out, one behind the other.")
        }
        list.append(text)
      }
      return Entry(key: name, value: .list(list))
    case .mapping, .alias:
      throw refusal("is a group or an alias; write options at the left margin, by their long names.")
    }
  }
}

extension Node.Scalar {
  /// The text; nil for a null.
  fileprivate var givenText: String? {
    style == .plain && ["", "~", "null", "Null", "NULL"].contains(string) ? nil : string
  }
}
