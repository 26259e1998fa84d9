extension LabelScheme {
  /// The classes of masks that nothing describes: those that the user names, else the values that the masks hold.
  ///
  /// - Parameters:
  ///   - names: by the user, the background first.
  ///   - path: of the folder or file that lists the cases; errors name it.
  /// - Throws: `DatasetError.option`; where no mask has a class `.image` for one that cannot be read, `.noForeground` where all
  ///   can.
  init(named names: [String]?, orFoundIn cases: [Case], _ path: String) throws(DatasetError) {
    if let names {
      guard names.count > 1, names.count <= 256, Set(names).count == names.count, !names.contains("") else {
        throw .option(.classNames(names))
      }
      self.init(names: Dictionary(uniqueKeysWithValues: names.enumerated().map { ($0, $1) }))
      return
    }
    self.init(valuesIn: cases.compactMap(\.labelPath), named: "class")
    guard structures.isEmpty else { return }
    for mask in cases.compactMap(\.labelPath) {
      do throws(ImageError) { _ = try Image(contentsOf: mask).labelVolume() } catch { throw .image(error) }
    }
    throw .noForeground(path: path)
  }

  /// The classes of masks by the values that they hold, each named by a word and its value. Masks that cannot be read are
  /// passed over: whoever uses them meets the error.
  public init(valuesIn masks: [String], named word: String) {
    var isFound = [Bool](repeating: false, count: 256)
    isFound[0] = true
    for path in Set(masks) {
      guard let mask = try? Image(contentsOf: path).labelVolume() else { continue }
      for label in mask.labels { isFound[Int(label)] = true }
    }
    let values = isFound.indices.filter { isFound[$0] }
    self.init(
      names: Dictionary(uniqueKeysWithValues: values.map { ($0, $0 == 0 ? "background" : "\(word) \($0)") }))
  }
}
