import Foundation
import PlainText

/// Scans with masks of the same classes, whatever the layout of the folder that they were found in.
public struct Dataset: Equatable, Sendable {
  public let name: String
  /// The file or the folder that lists the cases; errors name it.
  public let descriptionPath: String
  public let layout: DatasetLayout
  public let labels: LabelScheme
  /// Whether the data set, or its user, names its classes; otherwise they are the values that its masks hold.
  public let namesClasses: Bool
  /// The names of the channels in their order, such as "MRI" or "CT".
  public let channelNames: [String]
  /// Cases with masks, for training and validation.
  public internal(set) var training: [Case]
  /// Cases without masks, and those that are kept for a test; often none.
  public internal(set) var test: [Case]
  /// The number of training cases that the description claims, if it does.
  public let declaredTrainingCount: Int?
  /// The number of entries that were left out since their names start with ".".
  public let skippedCount: Int
  /// What the user should know of the list of cases: scans without masks, files that belong to no case.
  public let remarks: [DatasetProblem]
  /// How the list itself divides its cases into those that train and those that validate.
  public let listedSplit: Splits?
  /// The folds of a cross-validation into which the list itself divides its cases.
  public let listedFolds: Splits?

  /// Whether the names are aliases: see `anonymized()`.
  public internal(set) var isAnonymous = false

  /// The names of the classes in order, background first, or of the regions.
  public var classNames: [String] { labels.outputNames }

  /// Reads what a folder says of its data set, in whichever layout it is. Scans are not opened, unless their number of channels
  /// is said nowhere else, nor masks, unless nothing names the classes.
  ///
  /// - Throws: `DatasetError` when something is missing or cannot be used.
  public init(
    folder: String, options: DatasetReadingOptions = DatasetReadingOptions()
  ) throws(DatasetError) {
    self = try DatasetLayout(of: folder).read(folder, options)
  }

  /// Reads a list of cases, a table in CSV or JSON.
  public init(
    list path: String, options: DatasetReadingOptions = DatasetReadingOptions()
  ) throws(DatasetError) {
    self = try CaseListReader.read(list: path, options)
  }

  /// Reads a folder of scans with a folder of their masks.
  public init(
    _ folders: FolderPair, options: DatasetReadingOptions = DatasetReadingOptions()
  ) throws(DatasetError) {
    self = try FolderPairReader.read(folders, options)
  }

  package init(
    name: String, descriptionPath: String, layout: DatasetLayout, labels: LabelScheme,
    namesClasses: Bool = true, channelNames: [String], training: [Case], test: [Case] = [],
    declaredTrainingCount: Int? = nil, skippedCount: Int = 0, remarks: [DatasetProblem] = [],
    listedSplit: Splits? = nil, listedFolds: Splits? = nil
  ) {
    self.name = name
    self.descriptionPath = descriptionPath
    self.layout = layout
    self.labels = labels
    self.namesClasses = namesClasses
    self.channelNames = channelNames
    self.training = training
    self.test = test
    self.declaredTrainingCount = declaredTrainingCount
    self.skippedCount = skippedCount
    self.remarks = remarks
    self.listedSplit = listedSplit
    self.listedFolds = listedFolds
  }
}

extension Dataset {
  /// One line: the layout, how many cases it has, and what was left out.
  public var summary: String {
    let withMasks = (training + test).count { $0.labelPath != nil }
    let without = training.count + test.count - withMasks
    let kept = withMasks - training.count
    let counts = "\(counted(withMasks, "case")) with masks, \(without) without"
    let forTest = kept > 0 ? ", \(kept) of them kept for the test" : ""
    let names = counted(skippedCount, "name that starts", "names that start")
    let skipped = skippedCount > 0 ? "; \(names) with \".\" left out" : ""
    let channels =
      channelNames.count > 1 ? "; \(channelNames.count) channels (\(shortList(channelNames, limit: 3)))" : ""
    return "\(layout.form.name): \(counts)\(forTest)\(channels)\(skipped)"
  }

  /// - Throws: `DatasetError` naming the scans and masks to train or validate with that are not there.
  public func requireFiles() throws(DatasetError) {
    let files = training.flatMap { $0.imagePaths + [$0.labelPath].compactMap { $0 } }
    let missing = files.filter { !FileManager.default.fileExists(atPath: $0) }
    guard missing.isEmpty else { throw .entry(path: descriptionPath, .missingFiles(missing)) }
  }

  /// - Throws: `DatasetError` where two cases to train or validate with are the same scan, or have one name, so that one
  ///   would be taken for the other, or where a scan is given as its own mask.
  public func requireDistinctCases() throws(DatasetError) {
    if let entry = training.first(where: \.isItsOwnMask) {
      throw .entry(path: descriptionPath, .maskIsScan(image: entry.imagePath))
    }
    var known: [String: Case] = [:]
    for entry in training {
      guard let other = known.updateValue(entry, forKey: entry.name) else { continue }
      // Byte by byte: Unicode takes some names for one that the file system tells apart.
      if other.imagePaths.map({ Array($0.utf8) }) == entry.imagePaths.map({ Array($0.utf8) }) {
        throw .entry(path: descriptionPath, .listedTwice(image: entry.imagePath))
      }
      throw .entry(
        path: descriptionPath,
        .sameName(name: entry.name, first: other.imagePath, second: entry.imagePath))
    }
  }
}
