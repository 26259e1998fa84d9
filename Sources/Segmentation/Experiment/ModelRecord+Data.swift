import MedicalImaging

extension ModelRecord {
  /// Whether a data set is the one that the model was trained on, as far as names tell: it bears the name that it had then and
  /// lists every case that trained or validated. Cases may have been added to it since.
  ///
  /// A model that withholds the names of its cases is said to be of no data set.
  ///
  /// A copy counts as the data set itself. So do other data of the same name with cases of the same names: to tell them apart
  /// would take reading every scan.
  public func wasTrained(on dataset: Dataset) -> Bool {
    !namesWithheld && dataset.name == datasetName
      && Set(trainingCases + validationCases).isSubset(of: dataset.training.map(\.name))
  }

  /// Whether the names of the cases were taken out.
  public var namesWithheld: Bool { withholdsCaseNames == true }

  /// The record with numbers in place of the names of cases, which may tell who was scanned; how many there were stays. Aliases of
  /// an anonymous training are such numbers already.
  package func withholdingCaseNames() -> ModelRecord {
    guard !namesNoCases else { return self }
    var record = self
    record.trainingCases = trainingCases.indices.map { "training-\($0 + 1)" }
    record.validationCases = validationCases.indices.map { "validation-\($0 + 1)" }
    record.options.splits = nil
    record.withholdsCaseNames = true
    return record
  }

  /// Whether it names neither its data set nor its cases.
  public var namesNoCases: Bool { isAnonymous == true }

  /// A data set with the names that the record knows it by.
  public func named(_ dataset: Dataset) -> Dataset { namesNoCases ? dataset.anonymized() : dataset }

  /// - Throws: `SegmentationError.anonymityDiffers` where a run would go on with names of another kind.
  func requireSameNames(as dataset: Dataset) throws {
    guard namesNoCases == dataset.isAnonymous else {
      throw SegmentationError.anonymityDiffers(isAnonymous: namesNoCases)
    }
  }

  /// That every labelled case was trained on, in words.
  var everyCaseTrains: String {
    trainingCases.count == 1
      ? "its one labelled case trains and none validates"
      : "all of its \(trainingCases.count) labelled cases train and none validates"
  }

  /// Why no epoch is the best, for a model without one.
  var reasonForNoBestEpoch: String {
    guard !validationCases.isEmpty else { return everyCaseTrains }
    return history.allSatisfy(\.validationDice.isEmpty)
      ? "no epoch that is done ends with a validation" : "no case that validates has a foreground class"
  }
}
