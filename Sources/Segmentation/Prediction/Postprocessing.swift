import DurableFiles
import Foundation
import MedicalImaging

/// What becomes of a mask after the network: chosen by cross-validation, kept beside the models.
public struct Postprocessing: Codable, Equatable, Sendable {
  /// Classes or regions of which only the largest connected component stays.
  public var keepLargest: [String]

  public init(keepLargest: [String] = []) { self.keepLargest = keepLargest }

  /// Reads what was chosen for a folder's models, of a fold for its cross-validation's; nothing where nothing was.
  ///
  /// - Throws: `SegmentationError.damagedModel` for a file that does not parse.
  public init(_ folder: ModelFolder) throws {
    guard !folder.isFile else {
      let checkpoint = try Checkpoint(folder)
      self =
        try checkpoint.notes[ModelNote.postprocessing].map { try Self(parsing: $0, path: folder.path) }
        ?? Self()
      return
    }
    let paths = [folder.postprocessingPath] + (folder.crossValidation.map { [$0.postprocessingPath] } ?? [])
    for path in paths {
      guard let data = FileManager.default.contents(atPath: path) else { continue }
      try self.init(parsing: String(decoding: data, as: UTF8.self), path: path)
      return
    }
    self.init()
  }

  /// - Parameters:
  ///   - text: `json`'s form.
  ///   - path: where it comes from.
  private init(parsing text: String, path: String) throws {
    do {
      self = try JSONDecoder().decode(Postprocessing.self, from: Data(text.utf8))
    } catch {
      throw SegmentationError.damagedModel(path: path, reason: "it does not parse as a choice of classes")
    }
  }

  package var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }

  /// Writes the choice for a folder's models.
  public func write(to folder: ModelFolder) throws {
    try AtomicFile.write(try json + "\n", to: folder.postprocessingPath)
  }

  /// A mask of the labels' indices afterwards.
  func applied(to mask: LabelVolume, _ labels: LabelScheme) -> LabelVolume {
    let structures = labels.structures
    return keepLargest.reduce(mask) { mask, name in
      structures.first { $0.name == name }.map { labels.keepingLargestComponent(of: $0, in: mask) } ?? mask
    }
  }
}
