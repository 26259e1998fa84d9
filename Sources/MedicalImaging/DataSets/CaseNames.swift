extension [Case] {
  /// The same cases with names by which they can be told apart, as far as their files can.
  ///
  /// A case is named by its file. Where several would have one name, it is the folders in which their paths differ that name
  /// them (`case_00000/imaging.nii.gz` is `case_00000`), then the whole path without the file's ending, then with it. One scan that is
  /// listed twice keeps one name.
  ///
  /// - Parameter folder: of the data set; names do not depend on where it lies.
  func namedApart(in folder: String) -> [Case] {
    let paths = map { CasePath($0.imagePath, below: folder) }
    var names = map(\.name)
    for rule in [CasePath.foldersApart, CasePath.foldersAndName, CasePath.whole] {
      let groups = Dictionary(grouping: indices) { names[$0] }
      for group in groups.values where Set(group.map { self[$0].imagePath }).count > 1 {
        let others = group.map { paths[$0] }
        for index in group { names[index] = rule(paths[index])(others) }
      }
    }
    return zip(self, names).map { entry, name in
      Case(name: name, imagePaths: entry.imagePaths, labelPath: entry.labelPath, subject: entry.subject)
    }
  }
}

/// A scan's path, as it names the scan.
private struct CasePath {
  /// Between the data set's folder and the file.
  private let folders: [Substring]
  private let file: Substring
  private let stem: String

  init(_ path: String, below folder: String) {
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    let relative = path.hasPrefix(prefix) ? path.dropFirst(prefix.count) : path[...]
    let components = relative.split(separator: "/")
    folders = Array(components.dropLast())
    file = components.last ?? ""
    stem = Case.name(ofImage: path)
  }

  /// The folders without those that all paths begin or end with; the file's name where that leaves none.
  func foldersApart(from others: [CasePath]) -> String {
    let apart = apart(from: others)
    return apart.isEmpty ? stem : apart.joined(separator: "_")
  }

  func foldersAndName(from others: [CasePath]) -> String {
    (folders.map(String.init) + [stem]).joined(separator: "_")
  }

  func whole(from others: [CasePath]) -> String { (folders + [file]).joined(separator: "_") }

  private func apart(from others: [CasePath]) -> ArraySlice<Substring> {
    let least = others.map(\.folders.count).min() ?? 0
    let first = others[0].folders
    let start = (0..<least).first { index in others.contains { $0.folders[index] != first[index] } } ?? least
    let end =
      (0..<least - start).first { index in
        others.contains { $0.folders[$0.folders.count - 1 - index] != first[first.count - 1 - index] }
      } ?? least - start
    return folders[start..<folders.count - end]
  }
}
