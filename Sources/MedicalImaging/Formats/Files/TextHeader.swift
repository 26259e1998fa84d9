/// The fields of a header of text, one a line: a name, a separator and a value.
struct TextHeader: Sendable {
  /// Headers are a few hundred bytes; those of diffusion images and segmentations grow to some hundred thousand.
  static let limit = 1 << 20

  /// The file that the header was read from; errors name it.
  let path: String
  private var values: [String: String] = [:]

  init(path: String) { self.path = path }

  /// The value of a field; nil when the file has none.
  subscript(_ name: String) -> String? { values[name] }

  /// - Throws: `ImageError.header(.repeatedField)` when the field has a value already.
  mutating func add(_ name: String, _ value: String) throws(ImageError) {
    guard values.updateValue(value, forKey: name) == nil else {
      throw .header(.repeatedField(path: path, field: printable(name)))
    }
  }

  /// - Throws: `ImageError.header(.missingField)`.
  func required(_ name: String) throws(ImageError) -> String {
    guard let value = self[name] else { throw .header(.missingField(path: path, field: name)) }
    return value
  }

  /// The words of a field, apart by blanks; nil when the file has none.
  func words(_ name: String) -> [Substring]? {
    self[name]?.split(whereSeparator: \.isWhitespace)
  }

  /// The whole numbers of a field.
  func integers(_ name: String, count: Int? = nil) throws(ImageError) -> [Int]? {
    guard let words = words(name) else { return nil }
    let numbers = words.compactMap { Int($0) }
    guard numbers.count == words.count, numbers.count == count ?? numbers.count else {
      throw invalid(name, expected: "\(count.map { "\($0) " } ?? "")whole numbers")
    }
    return numbers
  }

  /// A whole number, at least `minimum`.
  func integer(_ name: String, atLeast minimum: Int) throws(ImageError) -> Int? {
    guard let number = try integers(name, count: 1)?[0] else { return nil }
    guard number >= minimum else { throw invalid(name, expected: "a whole number from \(minimum)") }
    return number
  }

  /// The numbers of a field; they may be infinite or not a number.
  func numbers(_ name: String, count: Int) throws(ImageError) -> [Double]? {
    guard let words = words(name) else { return nil }
    let numbers = words.compactMap { Double($0) }
    guard numbers.count == words.count, numbers.count == count else {
      throw invalid(name, expected: "\(count) numbers")
    }
    return numbers
  }

  /// The error of a value that is none of the expected.
  func invalid(_ name: String, expected: String) -> ImageError {
    .header(.invalidField(path: path, field: name, value: printable(self[name] ?? ""), expected: expected))
  }

  /// The error of a value that the format knows and this program does not.
  func unsupported(_ name: String, remedy: String) -> ImageError {
    .header(.unsupportedField(path: path, field: name, value: printable(self[name] ?? ""), remedy: remedy))
  }
}

/// A text from a file in a form that a line of a terminal can show: control characters are replaced, the rest is short.
func printable(_ text: some StringProtocol, limit: Int = 60) -> String {
  let scalars = text.unicodeScalars.prefix(limit).map { scalar -> Unicode.Scalar in
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .format: "\u{FFFD}"
    default: scalar
    }
  }
  let shown = String(String.UnicodeScalarView(scalars))
  return text.unicodeScalars.count > limit ? shown + "..." : shown
}

extension StringProtocol {
  /// Without blanks at either end.
  var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
