/// What the header says about one tensor: offsets count from the end of the header.
struct SafetensorsEntry {
  var name: String
  var dtype: SafetensorsTensor.DType
  var shape: [Int]
  var begin: Int
  var end: Int
}

/// Parses the header's JSON, which is of a fixed depth: an object of objects.
///
/// A parser of its own, because the file is untrusted: it rejects duplicate names, numbers other than
/// non-negative integers, unknown keys, and nesting, all of which a general JSON parser would let through.
///
/// Source: RFC 8259 for the tokens; safetensors, "Format", for the structure.
struct SafetensorsHeaderParser {
  typealias Problem = SafetensorsError.Problem

  private let text: [UInt8]
  private var position = 0
  private(set) var metadata: [String: String] = [:]
  private(set) var entries: [SafetensorsEntry] = []

  /// - Parameter text: the header, without its length.
  init(parsing text: [UInt8]) throws(Problem) {
    self.text = text
    var seen: Set<String> = []
    try parseObject { (parser, name) throws(Problem) in
      guard seen.insert(name).inserted else { throw .duplicateName(name) }
      if name == SafetensorsFile.metadataKey {
        try parser.parseMetadata()
      } else {
        try parser.parseEntry(named: name)
      }
    }
    skipSpace()
    guard position == text.count else { throw expected("its end") }
  }

  private mutating func parseMetadata() throws(Problem) {
    try parseObject { (parser, key) throws(Problem) in
      let value = try parser.parseString()
      guard parser.metadata.updateValue(value, forKey: key) == nil else { throw .duplicateName(key) }
    }
  }

  private mutating func parseEntry(named name: String) throws(Problem) {
    var dtype: SafetensorsTensor.DType?
    var shape: [Int]?
    var offsets: [Int]?
    try parseObject { (parser, key) throws(Problem) in
      switch key {
      case "dtype" where dtype == nil: dtype = try parser.parseDType(tensor: name)
      case "shape" where shape == nil: shape = try parser.parseIntegers()
      case "data_offsets" where offsets == nil: offsets = try parser.parseIntegers()
      case "dtype", "shape", "data_offsets": throw .duplicateName(key)
      default: throw .unknownKey(tensor: name, key: key)
      }
    }
    guard let dtype else { throw .missingKey(tensor: name, key: "dtype") }
    guard let shape else { throw .missingKey(tensor: name, key: "shape") }
    guard let offsets, offsets.count == 2 else {
      throw .missingKey(tensor: name, key: "data_offsets: [begin, end]")
    }
    entries.append(
      SafetensorsEntry(name: name, dtype: dtype, shape: shape, begin: offsets[0], end: offsets[1]))
  }

  private mutating func parseDType(tensor: String) throws(Problem) -> SafetensorsTensor.DType {
    let name = try parseString()
    guard let dtype = SafetensorsTensor.DType(rawValue: name) else {
      throw .dtype(tensor: tensor, found: name)
    }
    return dtype
  }
}

// MARK: - JSON

extension SafetensorsHeaderParser {
  /// Parses `{ "key": value, ... }`; `parseValue` parses each value, the parser standing before it.
  private mutating func parseObject(
    _ parseValue: (inout SafetensorsHeaderParser, String) throws(Problem) -> Void
  ) throws(Problem) {
    try expect("{")
    if accept("}") { return }
    repeat {
      let key = try parseString()
      try expect(":")
      try parseValue(&self, key)
    } while accept(",")
    try expect("}")
  }

  /// Parses `[n, ...]`, an array of non-negative integers.
  private mutating func parseIntegers() throws(Problem) -> [Int] {
    try expect("[")
    var values: [Int] = []
    if accept("]") { return values }
    repeat {
      values.append(try parseInteger())
    } while accept(",")
    try expect("]")
    return values
  }

  private mutating func parseInteger() throws(Problem) -> Int {
    skipSpace()
    let start = position
    while position < text.count, (0x30...0x39).contains(text[position]) { position += 1 }
    // `Int` refuses what does not fit into 64 bits.
    guard let value = Int(String(decoding: text[start..<position], as: UTF8.self)) else {
      position = start
      throw expected("a whole number from 0 to 2^63 - 1")
    }
    return value
  }

  private mutating func parseString() throws(Problem) -> String {
    try expect("\"")
    var bytes: [UInt8] = []
    while true {
      guard position < text.count, text[position] >= 0x20 else { throw expected("the end of a string") }
      let byte = text[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: bytes, as: UTF8.self) else { throw .headerText }
        return string
      case UInt8(ascii: "\\"):
        bytes.append(contentsOf: try parseEscape())
      default:
        bytes.append(byte)
      }
    }
  }

  /// Parses what follows a backslash; returns the character's UTF-8.
  private mutating func parseEscape() throws(Problem) -> [UInt8] {
    guard position < text.count else { throw expected("an escaped character") }
    let byte = text[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return try parseUnicodeEscape()
    default: throw expected("an escaped character")
    }
  }

  /// Parses the digits of `\uXXXX`, or of a surrogate pair `\uXXXX\uXXXX`.
  private mutating func parseUnicodeEscape() throws(Problem) -> [UInt8] {
    var units = [try parseHexadecimal()]
    if UTF16.isLeadSurrogate(units[0]) {
      guard text[position...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else {
        throw expected("the second half of a surrogate pair")
      }
      position += 2
      units.append(try parseHexadecimal())
    }
    guard let string = String(validating: units, as: UTF16.self) else { throw .headerText }
    return Array(string.utf8)
  }

  private mutating func parseHexadecimal() throws(Problem) -> UInt16 {
    let digits = text[position...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
      let value = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw expected("four hexadecimal digits") }
    position += 4
    return value
  }

  // MARK: Tokens

  private mutating func expect(_ character: Character) throws(Problem) {
    guard accept(character) else { throw expected("'\(character)'") }
  }

  /// Steps over `character` and the space before it, if it is there.
  private mutating func accept(_ character: Character) -> Bool {
    skipSpace()
    guard position < text.count, text[position] == character.asciiValue else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while position < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[position]) { position += 1 }
  }

  private func expected(_ what: String) -> Problem {
    .headerSyntax(offset: position, expected: what)
  }
}
