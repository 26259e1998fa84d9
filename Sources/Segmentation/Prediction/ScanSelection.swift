import Foundation
import MedicalImaging

extension Predictor {
  /// Finds the scans that a path means: a scan, a folder of scans with those below it, a list of cases, or a data set (its folder or its
  /// `dataset.json`), whose test cases count and, where it has none, its training cases. Names that start with "." are left
  /// out.
  ///
  /// - Parameters:
  ///   - path: of a scan, a folder, a list or a data set.
  ///   - channels: the ends of file names by which a folder's scans are in files of their own for each channel.
  ///   - options: for reading a data set.
  ///   - output: a folder below that of the scans whose images are none.
  /// - Throws: `DatasetError` or `SegmentationError` when there is nothing to predict.
  public static func scans(
    at path: String, channels: [String] = [], options: DatasetReadingOptions = DatasetReadingOptions(),
    leavingOut output: String? = nil
  ) throws -> ScanSelection {
    let selection = try ScanSelection(path, channels, options, leavingOut: output)
    guard !selection.scans.isEmpty else {
      throw SegmentationError.noCases(
        reason: "\(path): there is no scan in this folder; scans end in \(ImageFormat.suffixList).")
    }
    let byName = Dictionary(grouping: selection.scans, by: \.name)
    if let twins = byName.values.first(where: { $0.count > 1 }) {
      throw SegmentationError.duplicateCase(
        name: twins[0].name, first: twins[0].imagePath, second: twins[1].imagePath)
    }
    return selection
  }

  /// The same scans, where they are a folder of files of one channel each by nnU-Net's names (`CASE_0000.nii.gz`) as cases of
  /// as many files as the models take channels; otherwise as they are.
  public func joiningChannels(of scans: [Case]) -> [Case] {
    let channelCount = preparation.channelNames.count
    var files: [String: [Int: String]] = [:]
    for scan in scans {
      let folders = scan.name.split(separator: "/").dropLast().map { $0 + "/" }.joined()
      let name = scan.imagePath.split(separator: "/").last.map(String.init) ?? ""
      guard scan.imagePaths.count == 1, let channel = NumberedChannel(fileName: name) else { return scans }
      files[folders + channel.caseName, default: [:]][channel.number] = scan.imagePath
    }
    guard files.values.allSatisfy({ $0.keys.sorted() == Array(0..<channelCount) }) else { return scans }
    return files.sorted { $0.key < $1.key }.map { name, paths in
      Case(name: name, imagePaths: (0..<channelCount).map { paths[$0]! })
    }
  }
}

extension Predictor {
  /// As for cases; a series has all its channels.
  public func joiningChannels(of scans: [ScanSource]) -> [ScanSource] {
    let cases = scans.compactMap { scan -> Case? in
      if case .files(let entry) = scan { return entry }
      return nil
    }
    return cases.count == scans.count ? joiningChannels(of: cases).map(ScanSource.files) : scans
  }
}

/// The scans that a path means.
public struct ScanSelection: Sendable {
  public let scans: [Case]
  /// One line on what was found: the layout of a data set, how many names were left out; nil where there is nothing to say.
  public let summary: String?
  /// What the user should know of the files.
  public let remarks: [DatasetProblem]

  fileprivate init(
    _ path: String, _ channels: [String], _ options: DatasetReadingOptions, leavingOut output: String?
  ) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw SegmentationError.noCases(
        reason: "\(path): there is no such file or folder; give a scan, a folder of scans or a data set.")
    }
    if let folder = DatasetLayout.folder(describedBy: path) {
      self.init(try Dataset(folder: folder, options: options))
    } else if isFolder.boolValue {
      if channels.isEmpty, DatasetLayout(recognising: path) != nil {
        self.init(try Dataset(folder: path, options: options))
      } else {
        try options.requireNothingOutside(path)
        try self.init(folder: path, channels, leavingOut: output)
      }
    } else if Self.isList(path) {
      try options.requireNothingOutside(path)
      self.init(scans: try Case.listed(in: path), summary: nil, remarks: [])
    } else {
      try options.requireNothingOutside(path)
      self.init(scans: [Case(imagePath: path)], summary: nil, remarks: [])
    }
    guard channels.isEmpty || isFolder.boolValue else {
      throw SegmentationError.noCases(
        reason: "--channels tells the files of a folder apart, and \(path) is a file; leave --channels out.")
    }
  }

  private init(scans: [Case], summary: String?, remarks: [DatasetProblem]) {
    self.scans = scans
    self.summary = summary
    self.remarks = remarks
  }

  private init(_ dataset: Dataset) {
    self.init(
      scans: dataset.test.isEmpty ? dataset.training : dataset.test, summary: dataset.summary, remarks: [])
  }

  private init(folder: String, _ channels: [String], leavingOut output: String?) throws {
    let found = try ScanTree(folder, channels: channels, leavingOut: output)
    self.init(scans: found.scans, summary: found.summary, remarks: found.remarks)
  }

  private static func isList(_ path: String) -> Bool {
    [".csv", ".tsv", ".json"].contains { path.lowercased().hasSuffix($0) }
  }
}
