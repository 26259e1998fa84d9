/// Any JSON value, so that files with unexpected types can be told apart before they are used.
enum JSONValue: Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)

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

  var object: JSONObject? {
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

/// The members of a JSON object, each name once, in the order in which the text has them.
struct JSONObject: Equatable {
  private(set) var names: [String] = []
  private var values: [String: JSONValue] = [:]

  subscript(name: String) -> JSONValue? { values[name] }

  var members: [(name: String, value: JSONValue)] { names.map { ($0, values[$0]!) } }

  /// Adds a member behind the others. Returns false, and adds nothing, where the name is there.
  mutating func add(_ value: JSONValue, named name: String) -> Bool {
    guard values[name] == nil else { return false }
    names.append(name)
    values[name] = value
    return true
  }
}
