extension LabelScheme {
  /// The classes that a `dataset.json` declares under "labels", whatever else it holds.
  ///
  /// - Throws: `DatasetError`.
  public init(declaredIn path: String) throws(DatasetError) {
    self.init(names: try DecathlonDescription(path: path).labels())
  }
}
