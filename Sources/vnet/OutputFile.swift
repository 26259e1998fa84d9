import ArgumentParser
import Foundation
import MedicalImaging

/// A file that an option names, looked at before the work whose result it will hold.
enum OutputFile {
  /// What data sets and models consist of, which no result replaces.
  private static let kept: Set = [
    "dataset.json", "splits_final.json", "postprocessing.json", "quality.json",
    CohortOptions.qualityTable, "last.safetensors", "best.safetensors",
  ]

  /// Refuses what could not be written, and to replace a file that is no earlier result.
  ///
  /// - Parameters:
  ///   - path: `-` for the standard output.
  ///   - option: as it is typed.
  ///   - endings: of the names of such results.
  ///   - madeFolder: one that the command makes itself.
  /// - Throws: `ValidationError`.
  static func require(_ path: String, of option: String, endings: [String], madeFolder: String? = nil) throws
  {
    guard path != "-" else { return }
    let url = URL(fileURLWithPath: path)
    let type =
      (try? FileManager.default.attributesOfItem(atPath: resolvedPath(path)))?[.type]
      as? FileAttributeType
    switch type {
    case .typeDirectory:
      throw ValidationError("\(option) \(path) is a folder; name a file in it.")
    case .typeRegular:
      let isResult = endings.contains { path.lowercased().hasSuffix($0) }
      guard isResult, !kept.contains(url.lastPathComponent) else {
        throw ValidationError(
          "\(option) \(path) is there already and no earlier result of this kind; name another file"
            + (isResult ? "." : ", such as one that ends in \(endings[0])."))
      }
    case nil:
      let folder = url.deletingLastPathComponent()
      let isMade = madeFolder.map { URL(fileURLWithPath: $0).standardized.path == folder.standardized.path }
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder)
      guard isMade == true || exists && isFolder.boolValue else {
        throw ValidationError("\(option) \(path): there is no folder \(folder.path); make it first.")
      }
    default: break  // A device or a pipe.
    }
  }
}
