/// The forms in which data sets lie in folders.
public enum DatasetLayout: String, Codable, Sendable, CaseIterable {
  /// The Medical Segmentation Decathlon's: a `dataset.json` that lists the cases.
  case decathlon

  /// How the layout is recognised and read; each in a folder of its own.
  private var reader: any DatasetReader.Type {
    switch self {
    case .decathlon: DecathlonReader.self
    }
  }
}

/// What a layout can do.
protocol DatasetReader {
  /// Whether a folder is in this layout, as far as a look at its names tells.
  static func recognises(_ folder: String) -> Bool

  /// The folder of a data set whose description a path is; nil for other paths.
  static func folder(describedBy path: String) -> String?

  /// Reads what a folder says of its data set; scans are not opened.
  static func read(_ folder: String) throws(DatasetError) -> Dataset
}

extension DatasetLayout {
  /// The layout of a folder: the first that recognises it. A folder in none is taken for the Decathlon's, whose reader
  /// says what is missing.
  init(of folder: String) {
    self = Self.allCases.first { $0.reader.recognises(folder) } ?? .decathlon
  }

  func read(_ folder: String) throws(DatasetError) -> Dataset { try reader.read(folder) }

  /// Whether a folder holds a data set, in any layout.
  public static func holdsDataset(_ folder: String) -> Bool {
    allCases.contains { $0.reader.recognises(folder) }
  }

  /// The folder of the data set whose description a path is, in any layout; nil for other paths, such as a scan's.
  public static func folder(describedBy path: String) -> String? {
    allCases.lazy.compactMap { $0.reader.folder(describedBy: path) }.first
  }
}
