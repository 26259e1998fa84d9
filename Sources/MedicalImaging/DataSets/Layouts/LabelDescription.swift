extension LabelScheme {
  /// Reads "labels" of a description, in either direction: {"0": "background"} or {"background": 0}.
  ///
  /// - Parameters:
  ///   - entries: of the description.
  ///   - path: of the description; errors name it.
  init(describedBy entries: [String: JSONValue], in path: String) throws(DatasetError) {
    let names = try entries.indexedNames(["labels"], of: "class numbers from 0 to 255 with names", in: path)
    guard names.count > 1 else { throw .noForeground(path: path) }
    self.init(names: names)
  }
}
