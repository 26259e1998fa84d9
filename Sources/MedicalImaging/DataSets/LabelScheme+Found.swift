extension LabelScheme {
  /// The classes of masks that nothing describes: those that the user names, else the values that the masks hold.
  ///
  /// Masks that cannot be read are passed over here: whoever uses their cases meets the error.
  ///
  /// - Parameters:
  ///   - names: by the user, the background first.
  ///   - path: of the folder or file that lists the cases; errors name it.
  /// - Throws: `DatasetError.option`, `.noForeground`.
  init(named names: [String]?, orFoundIn cases: [Case], _ path: String) throws(DatasetError) {
    if let names {
      guard names.count > 1, names.count <= 256, Set(names).count == names.count, !names.contains("") else {
        throw .option(.classNames(names))
      }
      self.init(names: Dictionary(uniqueKeysWithValues: names.enumerated().map { ($0, $1) }))
      return
    }
    let values = Self.values(in: cases).union([0]).sorted()
    guard values.count > 1 else { throw .noForeground(path: path) }
    self.init(names: Dictionary(uniqueKeysWithValues: values.map { ($0, Self.name(ofValue: $0)) }))
  }

  private static func name(ofValue value: Int) -> String { value == 0 ? "background" : "class \(value)" }

  /// The values that the cases' masks hold.
  private static func values(in cases: [Case]) -> Set<Int> {
    var isFound = [Bool](repeating: false, count: 256)
    for path in Set(cases.compactMap(\.labelPath)) {
      guard let mask = try? Image(contentsOf: path).labelVolume() else { continue }
      for label in mask.labels { isFound[Int(label)] = true }
    }
    return Set(isFound.indices.filter { isFound[$0] })
  }
}
