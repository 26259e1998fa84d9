import Foundation

/// A series as NIfTI, in a temporary folder.
public struct ConvertedSeries: Sendable {
  public let series: DICOMSeries
  /// The NIfTI file.
  public let path: String
  /// A folder that holds links to the files of the series and nothing else.
  let sourceFolder: String
  /// The folder of all that.
  let folder: String
}

extension DICOMSeries {
  /// Converts the series by dcm2niix, without its looks for crops, rotations and defaults of the user, calls `body`, and
  /// removes what was made.
  ///
  /// - Throws: `DICOMError` where the series makes no volume or several, and what `body` throws.
  public func withConverted<Result>(
    by converter: ExternalProgram, _ body: (ConvertedSeries) throws -> Result
  ) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vnet-\(UUID().uuidString)")
      .path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (source, target) = (folder + "/source", folder + "/volume")
    for path in [source, target] {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    for (index, path) in paths.enumerated() {
      try FileManager.default.createSymbolicLink(
        atPath: "\(source)/\(index)", withDestinationPath: URL(fileURLWithPath: path).path)
    }
    let volume = try converted(source, into: target, by: converter)
    return try body(ConvertedSeries(series: self, path: volume, sourceFolder: source, folder: folder))
  }

  private func converted(
    _ source: String, into target: String, by converter: ExternalProgram
  ) throws -> String {
    // No compression, no sidecar, no comment, none of the user's defaults, no rotation.
    let outcome = try converter.run(
      ["-z", "n", "-b", "n", "-c", "", "-g", "i", "-x", "i", "-f", name, "-o", target, source], in: target)
    let volumes = try FileManager.default.contentsOfDirectory(atPath: target)
      .filter { $0.hasSuffix(".nii") }.sorted()
    // Of slices that are not evenly apart it makes another volume in which they are.
    guard !volumes.contains(where: { $0.contains("_Eq") }) else {
      throw DICOMError.unevenSlices(series: summary)
    }
    guard volumes.count <= 1 else { throw DICOMError.severalVolumes(series: summary, names: volumes) }
    guard outcome.status == 0, let volume = volumes.first else {
      throw DICOMError.failed(program: "dcm2niix", series: summary, reason: outcome.reason)
    }
    return target + "/" + volume
  }
}
