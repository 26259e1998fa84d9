extension JSONObject {
  /// Reads an object that maps numbers to names or names to numbers, counting from 0 without gaps.
  ///
  /// - Parameters:
  ///   - keys: that the object may have; the first one there counts.
  ///   - expected: what the object should hold; errors say it.
  ///   - path: of the description; errors name it.
  func indexedNames(
    _ keys: [String], of expected: String, in path: String
  ) throws(DatasetError) -> [Int: String] {
    guard let key = keys.first(where: { self[$0] != nil }), let value = self[key] else {
      throw .missingKey(path: path, key: keys[0])
    }
    let invalid = DatasetError.invalidValue(path: path, key: key, expected: "an object of \(expected)")
    guard case .object(let object) = value else { throw invalid }
    let isNumberFirst = object.names.allSatisfy { Int($0) != nil }
    var names: [Int: String] = [:]
    for (left, right) in object.members {
      let (index, name) = isNumberFirst ? (Int(left), right.string) : (right.integer, left)
      guard let index, let name, (0...255).contains(index), names[index] == nil else { throw invalid }
      names[index] = name
    }
    guard names.keys.sorted() == Array(0..<names.count), !names.isEmpty else {
      throw .notConsecutive(path: path, key: key, indices: names.keys.sorted())
    }
    return names
  }
}
