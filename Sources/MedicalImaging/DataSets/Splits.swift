/// Divisions of a data set's labelled cases that somebody made, by the cases' names.
public struct Splits: Codable, Hashable, Sendable, CustomStringConvertible {
  /// The cases that train and those that validate.
  public struct Part: Codable, Hashable, Sendable {
    public let training: [String]
    public let validation: [String]

    public init(training: [String], validation: [String]) {
      self.training = training
      self.validation = validation
    }
  }

  /// The file that has them, or a list with the column.
  public let origin: String
  /// One for each fold; at least one.
  public let parts: [Part]

  public init(origin: String, parts: [Part]) {
    self.origin = origin
    self.parts = parts
  }

  public var description: String { origin }

  /// Reads a file in the form of nnU-Net's `splits_final.json`: a list of objects with "train" and "val", which list names.
  ///
  /// - Throws: `DatasetError.splits`, or what keeps the file from being read.
  public init(contentsOf path: String) throws(DatasetError) {
    guard let list = try DescriptionFile.json(of: path).array, !list.isEmpty else {
      throw .splits(path: path, .invalid(reason: "it is no list of divisions"))
    }
    var parts: [Part] = []
    for (index, entry) in list.enumerated() {
      guard let training = entry.object?["train"]?.strings, let validation = entry.object?["val"]?.strings
      else {
        throw .splits(
          path: path,
          .invalid(reason: "entry \(index) is no object with \"train\" and \"val\", each a list of names"))
      }
      guard !training.isEmpty else {
        throw .splits(path: path, .invalid(reason: "\"train\" of entry \(index) is empty"))
      }
      parts.append(Part(training: training, validation: validation))
    }
    self.init(origin: path, parts: parts)
    try requireDistinctParts()
  }

  private func requireDistinctParts() throws(DatasetError) {
    for (index, part) in parts.enumerated() {
      let both = Set(part.training).intersection(part.validation)
      guard both.isEmpty else {
        throw .splits(path: origin, .caseInBothParts(both.sorted(), index: index))
      }
    }
  }

  /// - Throws: `DatasetError.splits` for names that no case has.
  public func requireNames(of cases: [Case]) throws(DatasetError) {
    let named = Set(parts.flatMap { $0.training + $0.validation })
    let unknown = named.subtracting(cases.map(\.name))
    guard unknown.isEmpty else { throw .splits(path: origin, .unknownCases(unknown.sorted())) }
  }

  /// The cases that neither train nor validate in one of the parts.
  public func leftOut(of cases: [Case], part index: Int) -> [Case] {
    let named = Set(parts[index].training + parts[index].validation)
    return cases.filter { !named.contains($0.name) }
  }
}
