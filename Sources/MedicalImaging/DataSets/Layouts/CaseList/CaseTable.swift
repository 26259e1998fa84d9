/// A table of cases, whether it was in CSV or in JSON.
struct CaseTable {
  struct Row {
    /// Such as "line 3" or "entry 2"; errors say it.
    let place: String
    /// By the columns' names in lower case; those that are empty are absent.
    let fields: [String: String]
  }

  let path: String
  /// As written, in their order.
  let columns: [String]
  let rows: [Row]

  /// - Throws: `DatasetError.table`, `.invalidJSON`, or what keeps the file from being read.
  init(contentsOf path: String) throws(DatasetError) {
    if path.lowercased().hasSuffix(".json") {
      try self.init(json: try DescriptionFile.json(of: path), path)
    } else {
      try self.init(csv: try DescriptionFile.bytes(of: path), path)
    }
  }

  private init(csv bytes: [UInt8], _ path: String) throws(DatasetError) {
    let rows: [CSVTable.Row]
    do throws(CSVError) {
      rows = try CSVTable(bytes).rows
    } catch {
      throw .table(path: path, place: "line \(error.line)", reason: error.reason)
    }
    guard let header = rows.first else {
      throw .table(path: path, place: "line 1", reason: "the file is empty")
    }
    let keys = try Self.keys(header.fields, path)
    var read: [Row] = []
    for row in rows.dropFirst() {
      let place = "line \(row.line)"
      guard row.fields.count == keys.count else {
        throw .table(
          path: path, place: place,
          reason: "it has \(row.fields.count) fields and the first line \(keys.count)")
      }
      let fields = zip(keys, row.fields).filter { !$0.1.isEmpty }
      read.append(Row(place: place, fields: Dictionary(uniqueKeysWithValues: fields)))
    }
    try self.init(path: path, columns: header.fields, rows: read)
  }

  /// The columns' names in lower case, each once.
  private static func keys(_ columns: [String], _ path: String) throws(DatasetError) -> [String] {
    var keys: [String] = []
    for column in columns {
      let key = column.lowercased()
      guard !keys.contains(key) else {
        throw .table(
          path: path, place: "line 1", reason: "there are two columns \"\(printable(column))\"")
      }
      keys.append(key)
    }
    return keys
  }

  private init(json: JSONValue, _ path: String) throws(DatasetError) {
    guard let list = json.array else {
      throw .table(
        path: path, place: "its beginning", reason: "there is no list of objects, one for each case")
    }
    var columns: [String] = []
    var rows: [Row] = []
    for (index, entry) in list.enumerated() {
      let place = "entry \(index + 1)"
      guard let object = entry.object else {
        throw .table(path: path, place: place, reason: "it is no object")
      }
      var fields: [String: String] = [:]
      for (name, value) in object.members.sorted(by: { $0.name < $1.name }) {
        if !columns.contains(name) { columns.append(name) }
        if let text = try Self.text(value, name, place, path), !text.isEmpty {
          fields[name.lowercased()] = text
        }
      }
      rows.append(Row(place: place, fields: fields))
    }
    _ = try Self.keys(columns, path)
    try self.init(path: path, columns: columns, rows: rows)
  }

  /// A field's text; nil where there is none, and for values that no column of a case has.
  private static func text(
    _ value: JSONValue, _ name: String, _ place: String, _ path: String
  ) throws(DatasetError) -> String? {
    switch value {
    case .string(let text): return text
    case .number(let number): return Int(exactly: number).map(String.init) ?? "\(number)"
    case .null: return nil
    case .bool, .array, .object:
      guard CaseColumn(name) == nil else {
        throw .table(path: path, place: place, reason: "\"\(printable(name))\" is no text")
      }
      return nil
    }
  }

  private init(path: String, columns: [String], rows: [Row]) throws(DatasetError) {
    guard !rows.isEmpty else {
      throw .table(path: path, place: "the list", reason: "it has no rows, and each case is one")
    }
    self.path = path
    self.columns = columns
    self.rows = rows
  }
}

/// What a column of a table tells of its cases.
enum CaseColumn: Equatable {
  case image
  /// The file of one channel, with the channel's name.
  case channel(String)
  case label, subject, fold, split

  /// - Returns: nil for other columns.
  init?(_ column: String) {
    switch column.lowercased() {
    case "image": self = .image
    case "label": self = .label
    case "subject": self = .subject
    case "fold": self = .fold
    case "split": self = .split
    case let name where name.hasPrefix("image_") && name.count > 6:
      self = .channel(String(column.dropFirst(6)))
    default: return nil
    }
  }
}
