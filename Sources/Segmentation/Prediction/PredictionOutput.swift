import Foundation
import MedicalImaging

/// What predictions are written, and where.
public struct PredictionOutput: Sendable {
  /// Made if need be.
  public var folder: String
  /// The name of the one mask that is written, without its ending; nil for masks named as their scans.
  private var maskName: String?
  public var format: MaskFormat
  /// Also write `<name>_probabilities`, one channel for each class.
  public var writesProbabilities: Bool
  /// Also write `<name>.seg.dcm`, a DICOM SEG object, of each series; nil for none.
  public var segmentationWriter: SegmentationWriter?
  /// Also write `previews/<name>.png`, three planes of each scan with its mask.
  public var writesPreviews = false
  /// Also estimate the quality of each mask; see `Predictor.qualitySource`.
  public var estimatesQuality = false

  /// What writes DICOM SEG objects.
  public struct SegmentationWriter: Sendable {
    public var program: ExternalProgram
    /// Of this program.
    public var version: String

    public init(program: ExternalProgram, version: String = ProgramVersion.current) {
      self.program = program
      self.version = version
    }
  }

  public init(
    folder: String, format: MaskFormat = .scans, writesProbabilities: Bool = false,
    segmentationWriter: SegmentationWriter? = nil
  ) {
    self.folder = folder
    self.format = format
    self.writesProbabilities = writesProbabilities
    self.segmentationWriter = segmentationWriter
  }

  /// One mask, into a file of its own: the ending of its name decides on the format.
  ///
  /// - Returns: nil where the path has the ending of no format.
  public init?(maskPath path: String, writesProbabilities: Bool = false) {
    guard let suffix = ImageFormat.suffix(of: path) else { return nil }
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    self.init(folder: folder, format: .suffix(suffix), writesProbabilities: writesProbabilities)
    maskName = String((path.split(separator: "/").last ?? "").dropLast(suffix.count))
  }

  /// The name of a scan's files in the folder, without their endings.
  public func name(of scan: ScanSource) -> String { maskName ?? scan.name }

  public func maskPath(of scan: ScanSource) -> String {
    "\(folder)/\(name(of: scan))\(format.suffix(forScan: scan.formatPath))"
  }

  package func probabilitiesPath(of scan: ScanSource) -> String {
    "\(folder)/\(probabilitiesName(scan))\(format.probabilitiesSuffix(forScan: scan.formatPath))"
  }

  /// Whether a scan's mask is there.
  public func isWritten(_ scan: ScanSource) -> Bool {
    FileManager.default.fileExists(atPath: maskPath(of: scan))
  }

  /// What is to be written of a scan beside its mask, is not there, and takes a prediction; previews do not.
  public func missingFiles(of scan: ScanSource) -> [String] {
    var paths = writesProbabilities ? [probabilitiesPath(of: scan)] : []
    if segmentationWriter != nil, scan.isSeries { paths.append(segmentationPath(of: scan)) }
    return paths.filter { !FileManager.default.fileExists(atPath: $0) }
  }

  package static let previewSuffix = ".png"

  /// Receives the previews.
  public var previewFolder: String { folder + "/previews" }

  package func previewPath(of scan: ScanSource) -> String {
    "\(previewFolder)/\(name(of: scan))\(Self.previewSuffix)"
  }

  func segmentationPath(of scan: ScanSource) -> String { "\(folder)/\(name(of: scan)).seg.dcm" }

  /// Behind the name of a mask in that of its probabilities.
  static let probabilitiesEnding = "_probabilities"

  private func probabilitiesName(_ scan: ScanSource) -> String { name(of: scan) + Self.probabilitiesEnding }

  /// Checks that no file would replace another or a scan, before any is computed. Names count without their endings.
  ///
  /// - Throws: `SegmentationError.sameOutput` or `.wouldReplace`.
  package func requireDistinctNames(_ scans: [ScanSource]) throws {
    var owners: [String: ScanSource] = [:]
    for scan in scans {
      for name in [name(of: scan)] + (writesProbabilities ? [probabilitiesName(scan)] : []) {
        guard let other = owners.updateValue(scan, forKey: name) else { continue }
        throw SegmentationError.sameOutput(name: name, first: other.paths[0], second: scan.paths[0])
      }
    }
    let sources = Set(scans.flatMap(\.paths).map(resolvedPath))
    for scan in scans {
      let targets = [maskPath(of: scan)] + (writesProbabilities ? [probabilitiesPath(of: scan)] : [])
      if let target = targets.flatMap(filePaths).first(where: { sources.contains(resolvedPath($0)) }) {
        throw SegmentationError.wouldReplace(path: target, what: "a scan")
      }
      if let target = targets.first(where: isOfDataset) {
        throw SegmentationError.wouldReplace(path: target, what: "a file of a data set")
      }
    }
  }

  /// Whether a path is that of a file in a data set's folders.
  private func isOfDataset(_ path: String) -> Bool {
    let folder = URL(fileURLWithPath: path).resolvingSymlinksInPath().deletingLastPathComponent()
    return ["imagesTr", "labelsTr", "imagesTs", "labelsTs"].contains(folder.lastPathComponent)
      && FileManager.default.fileExists(atPath: path)
      && FileManager.default.fileExists(
        atPath: folder.deletingLastPathComponent().appendingPathComponent("dataset.json").path)
  }

  /// The files that are written for an image: both of a pair.
  private func filePaths(_ path: String) -> [String] {
    [path] + [ImageFormat.twin(of: path)].compactMap { $0 }
  }
}
