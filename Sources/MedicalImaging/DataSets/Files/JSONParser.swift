/// What a text that should be JSON has wrong, and where.
struct JSONSyntaxError: Error, Equatable {
  /// From 1.
  let line: Int
  let reason: String
}

/// Reads JSON that people wrote: strictly, and telling the line of a mistake.
///
/// Beyond the standard a byte order mark is skipped. A name that an object has twice is refused, since one of its values would
/// be lost.
///
/// Source: RFC 8259.
struct JSONParser {
  /// The levels that are followed into lists and objects; descriptions have four.
  private static let maximumDepth = 128

  private let bytes: [UInt8]
  private var position = 0

  /// - Throws: `JSONSyntaxError` for the first mistake.
  static func value(of bytes: [UInt8]) throws(JSONSyntaxError) -> JSONValue {
    var parser = JSONParser(bytes)
    let value = try parser.value(depth: 0)
    parser.skipBlanks()
    guard parser.position == bytes.count else { throw parser.mistake("something follows its end") }
    return value
  }

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// A mistake at the present position.
  private func mistake(_ reason: String) -> JSONSyntaxError {
    let line = 1 + bytes[..<min(position, bytes.count)].count { $0 == UInt8(ascii: "\n") }
    return JSONSyntaxError(line: line, reason: reason)
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipBlanks() {
    while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  /// Steps over a character after blanks, if it is the next. Returns whether it was.
  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
    guard depth < Self.maximumDepth else { throw mistake("lists and objects are nested too deep") }
    skipBlanks()
    switch next {
    case UInt8(ascii: "{"): return .object(try object(depth))
    case UInt8(ascii: "["): return .array(try array(depth))
    case UInt8(ascii: "\""): return .string(try string())
    case nil: throw mistake("it ends too early")
    default: return try word()
    }
  }

  private mutating func array(_ depth: Int) throws(JSONSyntaxError) -> [JSONValue] {
    position += 1
    if skip("]") { return [] }
    var values: [JSONValue] = []
    while true {
      values.append(try value(depth: depth + 1))
      if skip("]") { return values }
      guard skip(",") else { throw mistake("a list lacks a comma or its end \"]\"") }
    }
  }

  private mutating func object(_ depth: Int) throws(JSONSyntaxError) -> JSONObject {
    position += 1
    var object = JSONObject()
    if skip("}") { return object }
    while true {
      skipBlanks()
      guard next == UInt8(ascii: "\"") else { throw mistake("a name in quotes is missing") }
      let start = position
      let name = try string()
      guard skip(":") else { throw mistake("a colon is missing behind \"\(printable(name))\"") }
      guard object.add(try value(depth: depth + 1), named: name) else {
        position = start
        throw mistake("\"\(printable(name))\" is there twice")
      }
      if skip("}") { return object }
      guard skip(",") else { throw mistake("an object lacks a comma or its end \"}\"") }
    }
  }

  /// A number or one of the words that JSON knows.
  private mutating func word() throws(JSONSyntaxError) -> JSONValue {
    let start = position
    while let byte = next, isPartOfWord(byte) { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    switch text {
    case "null": return .null
    case "true": return .bool(true)
    case "false": return .bool(false)
    default: break
    }
    if isNumber(text), let number = Double(text), number.isFinite { return .number(number) }
    position = start
    guard !text.isEmpty else { throw mistake("a value is missing") }
    throw mistake("\"\(printable(String(text.prefix(40))))\" is no value")
  }

  private func isPartOfWord(_ byte: UInt8) -> Bool {
    !" \t\r\n,:[]{}\"".utf8.contains(byte)
  }

  /// Whether a text is written as JSON's numbers are, which is stricter than Swift.
  private func isNumber(_ text: String) -> Bool {
    text.wholeMatch(of: #/-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+\-]?[0-9]+)?/#) != nil
  }
}

// MARK: Strings

extension JSONParser {
  private mutating func string() throws(JSONSyntaxError) -> String {
    position += 1
    var content: [UInt8] = []
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: content, as: UTF8.self) else {
          throw mistake("a text is not in UTF-8")
        }
        position += 1
        return string
      case UInt8(ascii: "\\"):
        content += Array(String(try escaped()).utf8)
      case 0..<0x20:
        throw mistake("a text lacks its closing quote")
      default:
        content.append(byte)
        position += 1
      }
    }
    throw mistake("a text lacks its closing quote")
  }

  /// The character behind a backslash.
  private mutating func escaped() throws(JSONSyntaxError) -> Unicode.Scalar {
    let escapes: [UInt8: Unicode.Scalar] = [
      UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/", UInt8(ascii: "b"): "\u{8}",
      UInt8(ascii: "f"): "\u{C}", UInt8(ascii: "n"): "\n", UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
    ]
    position += 1
    guard let byte = next else { throw mistake("it ends too early") }
    position += 1
    if let scalar = escapes[byte] { return scalar }
    guard byte == UInt8(ascii: "u"), let unit = codeUnit() else {
      throw mistake("a backslash is doubled in JSON (\\\\), and this one is alone")
    }
    if let scalar = Unicode.Scalar(unit) { return scalar }
    guard (0xD800..<0xDC00).contains(unit), bytes[position...].starts(with: "\\u".utf8) else {
      throw mistake("half of a character is missing")
    }
    position += 2
    guard let low = codeUnit(), (0xDC00..<0xE000).contains(low),
      let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
    else { throw mistake("half of a character is missing") }
    return scalar
  }

  /// The number of four hexadecimal digits.
  private mutating func codeUnit() -> UInt32? {
    guard position + 4 <= bytes.count else { return nil }
    let digits = String(decoding: bytes[position..<position + 4], as: UTF8.self)
    guard digits.utf8.count == 4, digits.allSatisfy(\.isHexDigit), let unit = UInt32(digits, radix: 16) else {
      return nil
    }
    position += 4
    return unit
  }
}
