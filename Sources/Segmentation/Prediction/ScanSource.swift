import Foundation
import MedicalImaging

/// Where a scan to predict comes from.
public enum ScanSource: Sendable {
  /// One file for all channels, or several.
  case files(Case)
  /// A DICOM series, read through dcm2niix.
  case series(DICOMSeries, converter: ExternalProgram)

  /// By which the mask is named.
  public var name: String {
    switch self {
    case .files(let scan): scan.name
    case .series(let series, _): series.name
    }
  }

  public var isSeries: Bool {
    switch self {
    case .files: false
    case .series: true
    }
  }

  /// The scan in files of its own; nil for a series.
  var files: Case? {
    switch self {
    case .files(let scan): scan
    case .series: nil
    }
  }

  /// The files, for what compares them.
  var paths: [String] {
    switch self {
    case .files(let scan): scan.imagePaths
    case .series(let series, _): series.paths
    }
  }

  /// The file whose format decides on the mask's; nil for a series.
  var formatPath: String? {
    files?.imagePath
  }

  /// Calls `body` with files that can be read, of a series also with what was made of it; those are gone afterwards.
  ///
  /// - Throws: `DICOMError`, and what `body` throws, in whose sentences the series stands for the temporary file.
  func withFiles<Result>(_ body: (Case, ConvertedSeries?) throws -> Result) throws -> Result {
    switch self {
    case .files(let scan):
      return try body(scan, nil)
    case .series(let series, let converter):
      return try series.withConverted(by: converter) { converted in
        do {
          return try body(Case(name: series.name, imagePaths: [converted.path]), converted)
        } catch {
          throw SeriesFailure(
            reason: "\(error)".replacingOccurrences(of: converted.path, with: series.summary))
        }
      }
    }
  }
}

extension ScanSource {
  /// The scans that a path means.
  public struct Found {
    public let scans: [ScanSource]
    /// One line on the data set or folder; nil where there is nothing to say.
    public let summary: String?
    /// What was found of DICOM, what is left out, and by what it is read; nil for other scans.
    public let note: String?
    /// What the user should know of the files.
    public let remarks: [DatasetProblem]
  }

  /// Finds the scans that a path means: the series of a folder of DICOM files or of folders of them, or that of one DICOM file;
  /// else what `Predictor.scans(at:channels:options:)` finds. A folder with other scans in it, or with a data set, is none of
  /// DICOM.
  ///
  /// - Parameters:
  ///   - path: of a scan, a folder, a list or a data set.
  ///   - words: the series that are meant, by name, number or UID; empty for all but derived ones and localisers.
  ///   - channels: ends of names by which channels lie in files of their own.
  ///   - options: of reading data sets.
  ///   - output: a folder below that of the scans whose images are none.
  /// - Throws: `DICOMError`, or as `Predictor.scans(at:channels:options:)`.
  public static func all(
    at path: String, series words: [String] = [], channels: [String] = [],
    options: DatasetReadingOptions = DatasetReadingOptions(), leavingOut output: String? = nil
  ) throws -> Found {
    guard let folder = dicomFolder(at: path) else {
      guard words.isEmpty else {
        throw SegmentationError.noCases(
          reason: "\(path): holds no DICOM series to choose by --series; leave the option out.")
      }
      let selection = try Predictor.scans(at: path, channels: channels, options: options, leavingOut: output)
      return Found(
        scans: selection.scans.map(ScanSource.files), summary: selection.summary, note: nil,
        remarks: selection.remarks)
    }
    guard channels.isEmpty else {
      throw SegmentationError.noCases(
        reason:
          "\(path): holds DICOM series, whose files --channels does not tell apart; leave the option out.")
    }
    let chosen = try folder.series(meantBy: words)
    guard let converter = ExternalProgram(named: "dcm2niix") else {
      throw DICOMError.noConverter(path: path)
    }
    let leftOut = folder.series.filter { !chosen.contains($0) }.map(\.name)
    let remark =
      leftOut.isEmpty ? "" : "; left out (choose by --series): \(leftOut.joined(separator: ", "))"
    return Found(
      scans: chosen.map { .series($0, converter: converter) },
      summary: nil, note: "\(folder.summary), read through \(converter.path)\(remark)", remarks: [])
  }

  /// The DICOM series that a path means; nil for one that means something else.
  public static func dicomFolder(at path: String) -> DICOMFolder? {
    guard !DatasetLayout.holdsDataset(path) else { return nil }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let images = ImageFormat.imageNames(among: names.filter { !$0.hasPrefix(".") })
    guard !images.contains(where: { !DICOMFolder.isDICOM(path + "/" + $0) }) else { return nil }
    return DICOMFolder(at: path)
  }
}

/// Why a series cannot be predicted, in a sentence that names it.
private struct SeriesFailure: Error, CustomStringConvertible {
  let reason: String

  var description: String { reason }
}
