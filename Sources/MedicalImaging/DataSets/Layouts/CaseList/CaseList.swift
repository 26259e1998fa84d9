import Foundation

/// The cases that a table lists.
struct CaseList {
  let table: CaseTable
  /// nil where each scan is one file.
  let channelNames: [String]?
  private(set) var cases: [ListedCase] = []
  /// The number of rows that were left out since a name starts with ".".
  private(set) var skippedCount = 0

  /// A case with what its row says besides.
  struct ListedCase {
    var entry: Case
    let place: String
    let part: Part?
    let fold: Int?
  }

  /// What a case is for.
  enum Part {
    case training, validation, test
  }

  /// - Throws: `DatasetError`, naming the row.
  init(contentsOf path: String) throws(DatasetError) {
    table = try CaseTable(contentsOf: path)
    let columns = table.columns.compactMap(CaseColumn.init)
    let channels = columns.compactMap { column -> String? in
      if case .channel(let name) = column { name } else { nil }
    }
    guard columns.contains(.image) != !channels.isEmpty else {
      throw .table(
        path: path, place: "its columns",
        reason: "there must be either \"image\", or \"image_\" with a name for each channel")
    }
    channelNames = channels.isEmpty ? nil : channels
    for row in table.rows { try add(row) }
    nameCases()
  }

  /// Columns that tell nothing of a case.
  var unusedColumns: [String] { table.columns.filter { CaseColumn($0) == nil } }

  private mutating func add(_ row: CaseTable.Row) throws(DatasetError) {
    let keys = channelNames?.map { "image_" + $0.lowercased() } ?? ["image"]
    let images = keys.map { path($0, row) }
    let label = row.fields["label"].map { _ in path("label", row) }
    if images.contains(where: \.isHidden) || label?.isHidden == true {
      skippedCount += 1
      return
    }
    var paths: [String] = []
    for image in images { paths.append(try file(image)) }
    let part = try part(row)
    if part == .training || part == .validation, label == nil {
      throw .table(
        path: table.path, place: row.place, reason: "the case is to train or validate and has no \"label\"")
    }
    let labelPath = try label.map { path throws(DatasetError) in try file(path) }
    let entry = Case(
      name: Case.name(ofImage: paths[0]), imagePaths: paths, labelPath: labelPath,
      subject: row.fields["subject"])
    cases.append(ListedCase(entry: entry, place: row.place, part: part, fold: try fold(row)))
  }

  private func path(_ key: String, _ row: CaseTable.Row) -> EntryPath {
    EntryPath(text: row.fields[key] ?? "", place: "\(row.place), \"\(key)\"", description: table.path)
  }

  /// Paths may lead anywhere: the user wrote the list.
  private func file(_ path: EntryPath) throws(DatasetError) -> String {
    try path.file(in: folder, allowsOutside: true)
  }

  private var folder: String {
    let parts = table.path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return parts.isEmpty ? "." : parts == [""] ? "/" : parts.joined(separator: "/")
  }

  private func part(_ row: CaseTable.Row) throws(DatasetError) -> Part? {
    switch row.fields["split"]?.lowercased() {
    case nil: return nil
    case "train", "training": return .training
    case "val", "valid", "validation": return .validation
    case "test", "testing": return .test
    case let other?:
      throw .table(
        path: table.path, place: row.place,
        reason: "\"split\" is \"\(printable(other))\" and not train, val or test")
    }
  }

  private func fold(_ row: CaseTable.Row) throws(DatasetError) -> Int? {
    guard let text = row.fields["fold"] else { return nil }
    guard let fold = Int(text), (0..<1000).contains(fold) else {
      throw .table(
        path: table.path, place: row.place,
        reason: "\"fold\" is \"\(printable(text))\" and no number from 0")
    }
    return fold
  }

  private mutating func nameCases() {
    for (index, entry) in cases.map(\.entry).namedApart(in: folder).enumerated() {
      cases[index].entry = entry
    }
  }
}
