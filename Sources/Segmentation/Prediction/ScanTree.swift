import Foundation
import MedicalImaging
import PlainText

/// The scans of a folder and of the folders below it, each named by where it lies: "site-1/case-3". Masks, named as their scans,
/// then make the same tree. Links to folders are followed, each folder once.
struct ScanTree {
  /// Folders in folders: a tree that is deeper is taken for a mistake.
  private static let deepest = 16

  private(set) var scans: [Case] = []
  private(set) var remarks: [DatasetProblem] = []
  private var hiddenCount = 0
  private var folderCount = 0
  /// Files named as masks beside scans, which are left out.
  private var maskPaths: [String] = []
  /// Where masks go, resolved; empty for nowhere in it.
  private let outputPath: String
  private var holdsOutput = false
  /// The folders that were looked into, resolved.
  private var visited: Set<String> = []
  /// Links to folders, which come after all folders that lie in the tree.
  private var links: [(path: String, prefix: String, depth: Int)] = []
  /// Links to folders that were looked into already.
  private var repeatedLinks: [String] = []

  /// - Parameters:
  ///   - channels: see `FolderPair`.
  ///   - output: a folder whose images are no scans, where it lies below: the masks of an earlier run.
  /// - Throws: `DatasetError` for a folder that cannot be read, `SegmentationError.noCases` for one too deep.
  init(_ folder: String, channels: [String], leavingOut output: String? = nil) throws {
    outputPath = output.map(resolvedPath) ?? ""
    try add(
      folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder, "", channels, depth: 0)
    while !links.isEmpty {
      let link = links.removeFirst()
      if visited.contains(resolvedPath(link.path)) {
        repeatedLinks.append(link.path)
      } else {
        try add(link.path, link.prefix, channels, depth: link.depth)
      }
    }
    leaveOutMasks()
  }

  /// Where all are named as masks they are what is meant.
  private mutating func leaveOutMasks() {
    func isMask(_ scan: Case) -> Bool { MaskName.isLikely(Case.name(ofImage: scan.imagePath)) }
    guard !scans.allSatisfy(isMask) else { return }
    maskPaths = scans.filter(isMask).map(\.imagePath)
    scans.removeAll(where: isMask)
  }

  /// - Parameter prefix: of the names of its scans, "" or such as "site-1/".
  private mutating func add(_ folder: String, _ prefix: String, _ channels: [String], depth: Int) throws {
    guard depth <= Self.deepest else {
      throw SegmentationError.noCases(
        reason: "\(folder): lies \(depth) folders below the input; give one that is nearer to the scans.")
    }
    let resolved = resolvedPath(folder)
    guard resolved != outputPath || depth == 0 else {
      holdsOutput = true
      return
    }
    guard visited.insert(resolved).inserted else { return }
    let found = try FolderScans(folder, channels: channels)
    scans += found.scans.map { Case(name: prefix + $0.name, imagePaths: $0.imagePaths) }
    remarks += found.remarks
    hiddenCount += found.hiddenCount
    if !found.scans.isEmpty { folderCount += 1 }
    links += found.linkedFolders.map { ("\(folder)/\($0)", "\(prefix)\($0)/", depth + 1) }
    for name in found.folders {
      try add("\(folder)/\(name)", "\(prefix)\(name)/", channels, depth: depth + 1)
    }
  }

  /// One line on what was found; nil where there is nothing to say.
  var summary: String? {
    let parts = [
      folderCount > 1 ? "\(scans.count) scans in \(folderCount) folders" : nil,
      holdsOutput ? "the folder of the masks left out" : nil,
      maskPaths.isEmpty
        ? nil
        : "\(counted(maskPaths.count, "file")) named as masks left out (\(shortList(maskPaths, limit: 2)))",
      repeatedLinks.first.map { first in
        "\(counted(repeatedLinks.count, "link")) to folders that were looked into already left out "
          + "(\(first))"
      },
      hiddenCount == 0
        ? nil
        : "\(counted(hiddenCount, "name that starts", "names that start")) with \".\" left out",
    ]
    let told = parts.compactMap { $0 }
    return told.isEmpty ? nil : told.joined(separator: "; ")
  }
}
