import Foundation
import MedicalImaging

/// What predictions are written, and where.
public struct PredictionOutput: Sendable {
  /// Made if need be.
  public var folder: String
  public var format: MaskFormat
  /// Also write `<name>_probabilities`, one channel for each class.
  public var writesProbabilities: Bool
  /// Also write `<name>.seg.dcm`, a DICOM SEG object, of each series; nil for none.
  public var segmentationWriter: SegmentationWriter?

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

  package func maskPath(of scan: ScanSource) -> String {
    "\(folder)/\(scan.name)\(format.suffix(forScan: scan.formatPath))"
  }

  package func probabilitiesPath(of scan: ScanSource) -> String {
    "\(folder)/\(probabilitiesName(scan))\(format.probabilitiesSuffix(forScan: scan.formatPath))"
  }

  func segmentationPath(of scan: ScanSource) -> String { "\(folder)/\(scan.name).seg.dcm" }

  private func probabilitiesName(_ scan: ScanSource) -> String { scan.name + "_probabilities" }

  /// Checks that no file would replace another or a scan, before any is computed. Names count without their endings.
  ///
  /// - Throws: `SegmentationError.duplicateCase` or `.cannotWrite`.
  package func requireDistinctNames(_ scans: [ScanSource]) throws {
    var owners: [String: ScanSource] = [:]
    for scan in scans {
      for name in [scan.name] + (writesProbabilities ? [probabilitiesName(scan)] : []) {
        guard let other = owners.updateValue(scan, forKey: name) else { continue }
        throw SegmentationError.sameOutput(name: name, first: other.paths[0], second: scan.paths[0])
      }
    }
    let sources = Set(scans.flatMap(\.paths).map(resolved))
    for scan in scans {
      let targets = [maskPath(of: scan)] + (writesProbabilities ? [probabilitiesPath(of: scan)] : [])
      if let target = targets.flatMap(filePaths).first(where: { sources.contains(resolved($0)) }) {
        throw SegmentationError.cannotWrite(
          path: target, reason: "it would replace a scan; choose another --output")
      }
    }
  }

  /// The files that are written for an image: both of a pair.
  private func filePaths(_ path: String) -> [String] {
    [path] + [ImageFormat.twin(of: path)].compactMap { $0 }
  }

  private func resolved(_ path: String) -> String {
    URL(fileURLWithPath: path).resolvingSymlinksInPath().path
  }
}
