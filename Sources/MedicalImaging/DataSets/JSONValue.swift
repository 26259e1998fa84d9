/// Any JSON value, so that files with unexpected types can be told apart before they are used.
enum JSONValue: Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// The whole number that this is, or that this string spells.
  var integer: Int? {
    switch self {
    case .number(let number): Int(exactly: number)
    case .string(let string): Int(string)
    case .null, .bool, .array, .object: nil
    }
  }

  var string: String? {
    if case .string(let string) = self { return string }
    return nil
  }

  var array: [JSONValue]? {
    if case .array(let array) = self { return array }
    return nil
  }

  var object: [String: JSONValue]? {
    if case .object(let object) = self { return object }
    return nil
  }

  /// The strings of a list of nothing else; nil for other values.
  var strings: [String]? {
    guard let array else { return nil }
    let strings = array.compactMap(\.string)
    return strings.count == array.count ? strings : nil
  }
}
