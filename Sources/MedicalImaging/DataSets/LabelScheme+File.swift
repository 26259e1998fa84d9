extension LabelScheme {
  /// The classes that a `dataset.json` declares under "labels", whatever else it holds.
  ///
  /// - Throws: `DatasetError`.
  public init(declaredIn path: String) throws(DatasetError) {
    self = try DecathlonDescription(path: path).labels()
  }
}
