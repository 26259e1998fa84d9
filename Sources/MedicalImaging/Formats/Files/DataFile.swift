/// A data file that a header names.
struct DataFile {
  /// As the header writes it.
  let name: String
  /// Beside the header.
  let path: String

  /// Only files in the header's folder, or in one below it, are read: a header from elsewhere must not lead to others.
  ///
  /// - Throws: `ImageError.outsideFolder`, or `.header` for lists and patterns of several files.
  init(named field: String, in header: TextHeader) throws(ImageError) {
    let name = try header.required(field)
    let isSeveral = name.split(separator: " ").first?.uppercased() == "LIST" || Self.isPattern(name)
    guard !isSeveral else {
      throw header.unsupported(field, remedy: "join the slices to one file, for example by SimpleITK")
    }
    guard !name.isEmpty, name == printable(name, limit: 1024) else {
      throw header.invalid(field, expected: "the name of a file")
    }
    guard !name.hasPrefix("/"), !name.split(separator: "/").contains("..") else {
      throw .outsideFolder(path: header.path, dataFile: printable(name))
    }
    let folder = header.path.lastIndex(of: "/").map { header.path[...$0] } ?? ""
    self.name = name
    path = "\(folder)\(name)"
  }

  /// The data file of a new image: called like its header, in the same folder.
  ///
  /// - Throws: `ImageError.cannotWrite` when a line of a header cannot hold the name.
  init(of header: String, suffix: String) throws(ImageError) {
    let file = header.split(separator: "/").last.map(String.init) ?? header
    name = (file.lastIndex(of: ".").map { String(file[..<$0]) } ?? file) + suffix
    guard name == printable(name.trimmed, limit: 1024), !Self.isPattern(name) else {
      throw .cannotWrite(path: header, reason: "its header cannot hold the name of the data file")
    }
    path = "\(header.dropLast(file.count))\(name)"
  }

  /// Whether the name has a place for the number of a slice, such as "%03d".
  private static func isPattern(_ name: String) -> Bool {
    name.split(separator: "%", omittingEmptySubsequences: false).dropFirst().contains { part in
      "di".contains(part.drop { $0.isNumber }.first ?? " ")
    }
  }
}
