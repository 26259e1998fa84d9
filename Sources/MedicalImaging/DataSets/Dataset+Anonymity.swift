import SeededRandom

extension Dataset {
  /// The data set with nothing left of its own name and of its cases' names, for records and reports: labelled
  /// cases are called `case-0001` and on in the order of their names, the others `test-0001` and on. The files keep their
  /// paths. The data set is called after a hash over all of its names, by which it is known again.
  public func anonymized() -> Dataset {
    let aliases = Self.aliases(training, "case").merging(Self.aliases(test, "test")) { first, _ in first }
    let names = ([name] + (training + test).map(\.name).sorted()).joined(separator: "\n")
    var anonymous = Dataset(
      name: "data " + String(names.utf8.stableHash, radix: 16), descriptionPath: descriptionPath,
      layout: layout, labels: labels, namesClasses: namesClasses, channelNames: channelNames,
      training: training.map { $0.called(aliases[$0.name]!) },
      test: test.map { $0.called(aliases[$0.name]!) },
      declaredTrainingCount: declaredTrainingCount, skippedCount: skippedCount, remarks: remarks,
      listedSplit: listedSplit?.called(aliases), listedFolds: listedFolds?.called(aliases))
    anonymous.isAnonymous = true
    return anonymous
  }

  private static func aliases(_ cases: [Case], _ word: String) -> [String: String] {
    let names = Set(cases.map(\.name)).sorted()
    return Dictionary(
      uniqueKeysWithValues: names.enumerated().map { index, name in
        let digits = String(index + 1)
        return (name, "\(word)-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits)
      })
  }
}

extension Case {
  fileprivate func called(_ alias: String) -> Case {
    var entry = Case(name: alias, imagePaths: imagePaths, labelPath: labelPath, subject: subject)
    entry.maskGeometry = maskGeometry
    return entry
  }
}

extension Splits {
  /// The division by other names; what is no case of the data set is left out.
  fileprivate func called(_ aliases: [String: String]) -> Splits {
    Splits(
      origin: "the data set's list",
      parts: parts.map { part in
        Part(
          training: part.training.compactMap { aliases[$0] },
          validation: part.validation.compactMap { aliases[$0] })
      })
  }
}
