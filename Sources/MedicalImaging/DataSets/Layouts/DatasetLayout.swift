import Foundation

/// The forms in which data sets lie in folders, in the order in which they are looked for.
public enum DatasetLayout: String, Codable, Sendable, CaseIterable {
  /// nnU-Net's version 2, before its preprocessing: a `dataset.json` without a list, one file for each channel.
  case nnUNetRaw
  /// The Medical Segmentation Decathlon's: a `dataset.json` that lists the cases.
  case decathlon
  /// A folder of scans with a folder of masks.
  case folderPair
  /// A table that lists the cases, in CSV or JSON.
  case caseList

  /// How the layout is recognised and read; each in a folder of its own.
  private var reader: any DatasetReader.Type {
    switch self {
    case .nnUNetRaw: NNUNetRawReader.self
    case .decathlon: DecathlonReader.self
    case .folderPair: FolderPairReader.self
    case .caseList: CaseListReader.self
    }
  }

  /// What the layout is, for users.
  public var form: LayoutForm { reader.form }
}

/// What a layout is, for users.
public struct LayoutForm: Sendable {
  /// A few words, such as "MSD form".
  public let name: String
  /// What makes a folder be of this layout, as an error lists it.
  public let mark: String
  /// What lies where, in lines of at most 76 characters.
  public let contents: String
  /// A command that reads it.
  public let example: String
}

/// What a layout can do.
protocol DatasetReader {
  static var form: LayoutForm { get }

  /// Whether a folder is in this layout, as far as a look at its names and its description tells.
  static func recognises(_ folder: String) -> Bool

  /// The folder of a data set whose description a path is; nil for other paths.
  static func folder(describedBy path: String) -> String?

  /// Reads what a folder says of its data set.
  static func read(_ folder: String, _ options: DatasetReadingOptions) throws(DatasetError) -> Dataset
}

extension DatasetReader {
  static func folder(describedBy path: String) -> String? { nil }
}

extension DatasetLayout {
  /// The layout of a folder: the first that recognises it.
  ///
  /// - Throws: `DatasetError.folder`.
  init(of folder: String) throws(DatasetError) {
    guard let layout = Self(recognising: folder) else {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) else {
        throw .folder(path: folder, .missing)
      }
      guard isFolder.boolValue else { throw .folder(path: folder, .isFile) }
      if let options = Self.undescribedOptions(folder) {
        throw .folder(path: folder, .noDescription(options: options))
      }
      throw .folder(path: folder, DICOMFolder.seemsDICOM(folder) ? .dicom : .unknownLayout)
    }
    self = layout
  }

  /// What reads a folder that has all of a layout but its description; nil for another.
  private static func undescribedOptions(_ folder: String) -> String? {
    let parent = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    let (images, labels) = (parent + "/imagesTr", parent + "/labelsTr")
    guard isFolder(labels), let names = try? FolderListing(images).names else { return nil }
    let channels = Set(names.compactMap { NumberedChannel(fileName: $0)?.number }).sorted()
    let ends = channels.map { NumberedChannel.suffix($0).dropFirst() }.joined(separator: ",")
    return "--images \(images) --labels \(labels)" + (ends.isEmpty ? "" : " --channels \(ends)")
  }

  /// The layout of a folder; nil where none recognises it.
  public init?(recognising folder: String) {
    guard let layout = Self.allCases.first(where: { $0.reader.recognises(folder) }) else { return nil }
    self = layout
  }

  func read(_ folder: String, _ options: DatasetReadingOptions) throws(DatasetError) -> Dataset {
    try reader.read(folder, options)
  }

  /// Whether a folder holds a data set, in any layout.
  public static func holdsDataset(_ folder: String) -> Bool {
    allCases.contains { $0.reader.recognises(folder) }
  }

  /// The folder of the data set whose description a path is, in any layout; nil for other paths, such as a scan's.
  public static func folder(describedBy path: String) -> String? {
    allCases.lazy.compactMap { $0.reader.folder(describedBy: path) }.first
  }
}

/// The names in a folder of a data set.
struct FolderListing {
  /// Sorted, without those that start with ".".
  let names: [String]
  /// The number of names that start with ".".
  let hiddenCount: Int

  /// - Throws: `DatasetError.notFound`, `.notFolder`, `.cannotRead`.
  init(_ folder: String) throws(DatasetError) {
    guard !isMissing(folder) else { throw .notFound(path: folder) }
    guard isFolder(folder) else { throw .notFolder(path: folder) }
    do {
      let all = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      names = all.filter { !$0.hasPrefix(".") }
      hiddenCount = all.count - names.count
    } catch {
      throw .cannotRead(path: folder, reason: "it may not be opened")
    }
  }
}

/// Whether there is nothing at a path, rather than something that may not be looked at.
func isMissing(_ path: String) -> Bool { access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR) }

/// Whether a path is a folder.
package func isFolder(_ path: String) -> Bool {
  var isFolder: ObjCBool = false
  return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
}

/// Where a path leads, without symbolic links.
package func resolvedPath(_ path: String) -> String {
  URL(fileURLWithPath: path).resolvingSymlinksInPath().path
}

/// Whether a path is a folder, and no link to one.
func isOwnFolder(_ path: String) -> Bool {
  let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
  return type == .typeDirectory
}
