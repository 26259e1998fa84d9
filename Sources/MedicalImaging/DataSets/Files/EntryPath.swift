import Foundation

/// The path of a scan or a mask as a description has it, and the file that it means.
struct EntryPath {
  /// As written.
  let text: String
  /// Where it stands, such as "entry 2 of "training", "label""; errors say it.
  let place: String
  /// Of the description; errors name it.
  let description: String

  /// Whether the file's name starts with ".", as names do that systems leave beside files, such as "._a.nii".
  var isHidden: Bool {
    let file = text.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? ""
    return file.hasPrefix(".") && file != "." && file != ".."
  }

  /// The file in or below a folder, or anywhere where paths may lead out of it. A path with backslashes that is no file's name
  /// as it is may have them for separators.
  ///
  /// - Throws: `DatasetError.entry`.
  func file(in folder: String, allowsOutside: Bool) throws(DatasetError) -> String {
    guard !text.allSatisfy(\.isWhitespace) else { throw .entry(path: description, .empty(place: place)) }
    let path = try joined(text, to: folder, allowsOutside)
    guard text.contains("\\"), !FileManager.default.fileExists(atPath: path) else { return path }
    let separated = try joined(text.replacing("\\", with: "/"), to: folder, allowsOutside)
    guard FileManager.default.fileExists(atPath: separated) else {
      throw .entry(path: description, .backslashes(entry: printable(text, limit: 300)))
    }
    return separated
  }

  private func joined(_ text: String, to folder: String, _ allowsOutside: Bool) throws(DatasetError) -> String
  {
    let outside = DatasetError.entry(path: description, .leadsOutside(entry: printable(text, limit: 300)))
    guard !text.utf8.contains(0) else { throw outside }
    var components: [Substring] = []
    for component in text.split(separator: "/") where component != "." {
      if component != ".." || (allowsOutside && components.last ?? ".." == "..") {
        components.append(component)
      } else if components.popLast() == nil {
        throw outside
      }
    }
    let isAbsolute = text.hasPrefix("/")
    guard !components.isEmpty, !isAbsolute || allowsOutside else { throw outside }
    let path = components.joined(separator: "/")
    if isAbsolute { return "/" + path }
    return (folder.hasSuffix("/") ? folder : folder + "/") + path
  }
}
