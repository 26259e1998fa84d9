/// What a table in CSV has wrong, and where.
package struct CSVError: Error, Equatable {
  /// From 1.
  package let line: Int
  package let reason: String
}

/// The rows of a table in CSV.
///
/// Fields are apart by commas, semicolons or tabs, whichever the first row has. A field in quotes may hold any of these,
/// line ends and doubled quotes. Lines end in LF, CR LF or CR; a byte order mark and empty lines are skipped.
///
/// Source: RFC 4180.
package struct CSVTable {
  package struct Row: Equatable {
    /// Where it begins, from 1.
    package let line: Int
    package let fields: [String]
  }

  package private(set) var rows: [Row] = []
  private let characters: [Unicode.Scalar]
  private let separator: Unicode.Scalar
  private var position = 0
  private var line = 1

  /// - Throws: `CSVError`.
  package init(_ bytes: [UInt8]) throws(CSVError) {
    let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    guard let text = String(validating: content, as: UTF8.self) else {
      throw CSVError(line: 1, reason: "the file is not in UTF-8")
    }
    characters = Array(text.unicodeScalars)
    separator = Self.separator(of: characters)
    while position < characters.count {
      let row = try row()
      if row.fields != [""] { rows.append(row) }
    }
  }

  /// The most frequent of the three in the first row, outside of quotes.
  private static func separator(of characters: [Unicode.Scalar]) -> Unicode.Scalar {
    var isQuoted = false
    var counts: [Unicode.Scalar: Int] = [:]
    for character in characters {
      if character == "\"" { isQuoted.toggle() }
      if isQuoted { continue }
      if character == "\n" || character == "\r" { break }
      counts[character, default: 0] += 1
    }
    return [",", ";", "\t"].max { counts[$0, default: 0] < counts[$1, default: 0] }!
  }

  private mutating func row() throws(CSVError) -> Row {
    let start = line
    var fields: [String] = []
    while true {
      fields.append(try field())
      guard position < characters.count, characters[position] == separator else { break }
      position += 1
    }
    skipLineEnd()
    return Row(line: start, fields: fields)
  }

  private mutating func skipLineEnd() {
    guard position < characters.count else { return }
    let isPair = characters[position] == "\r" && characters[(position + 1)...].first == "\n"
    position += isPair ? 2 : 1
    line += 1
  }

  private func isLineEnd(_ character: Unicode.Scalar) -> Bool { character == "\n" || character == "\r" }

  private mutating func field() throws(CSVError) -> String {
    if position < characters.count, characters[position] == "\"" { return try quotedField() }
    var text = String.UnicodeScalarView()
    while position < characters.count, characters[position] != separator, !isLineEnd(characters[position]) {
      guard characters[position] != "\"" else {
        throw CSVError(line: line, reason: "a quote stands inside of a field that has none around it")
      }
      text.append(characters[position])
      position += 1
    }
    return String(text).trimmed
  }

  private mutating func quotedField() throws(CSVError) -> String {
    let start = line
    var text = String.UnicodeScalarView()
    position += 1
    while position < characters.count {
      let character = characters[position]
      position += 1
      if character == "\"" {
        guard position < characters.count, characters[position] == "\"" else {
          try requireFieldEnd()
          return String(text)
        }
        position += 1
      }
      if character == "\n" { line += 1 }
      text.append(character)
    }
    throw CSVError(line: start, reason: "a quote is not closed")
  }

  private func requireFieldEnd() throws(CSVError) {
    guard position < characters.count else { return }
    guard characters[position] == separator || isLineEnd(characters[position]) else {
      throw CSVError(line: line, reason: "something follows the closing quote of a field")
    }
  }
}
