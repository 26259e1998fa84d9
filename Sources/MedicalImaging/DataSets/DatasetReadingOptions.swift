/// What the user says of a data set besides where it lies.
public struct DatasetReadingOptions: Equatable, Sendable {
  /// Whether the paths of a `dataset.json` may lead out of its folder. Those of lists that the user wrote always may.
  public var allowsOutside: Bool
  /// The names of the classes, the background first, where the layout names none; nil for the values that the masks hold.
  public var classNames: [String]?

  public init(allowsOutside: Bool = false, classNames: [String]? = nil) {
    self.allowsOutside = allowsOutside
    self.classNames = classNames
  }

  /// - Throws: `DatasetError.option` where class names are given and the description has its own.
  func requireNoClassNames(_ path: String) throws(DatasetError) {
    guard classNames == nil else { throw .option(.classesAreNamed(path: path)) }
  }

  /// - Throws: `DatasetError.option` where paths may lead out and nothing lists paths that do not anyway.
  public func requireNothingOutside(_ path: String) throws(DatasetError) {
    guard !allowsOutside else { throw .option(.nothingOutside(path: path)) }
  }
}
