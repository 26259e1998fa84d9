import Archives
import Foundation
import PlainText

/// The folder that a data set is fetched into, and what lies beside it until the data set is whole.
struct DatasetFolder {
  let path: String
  private let address: String

  /// - Throws: `DownloadError.isThere`.
  init(_ path: String, for address: String) throws {
    self.path = URL(fileURLWithPath: path).standardizedFileURL.path
    self.address = address
    let present = try? FileManager.default.contentsOfDirectory(atPath: path)
    guard present?.isEmpty ?? !FileManager.default.fileExists(atPath: path) else {
      throw DownloadError.isThere(path: path)
    }
  }

  /// What came of the archive. One address has one file, so that parts of two are never joined.
  var part: String {
    var digest = MD5()
    digest.update(Array(address.utf8)[...])
    return "\(path).\(digest.hexDigest().prefix(8)).part"
  }

  private var unpacking: String { path + ".unpacking" }

  /// Keeps other downloads out of the same files while `body` runs.
  func locked(_ body: () throws -> Void) throws {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let lock = part + ".lock"
    let descriptor = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else {
      throw ArchiveError.unwritable(file: lock, reason: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw DownloadError.isBusy(path: path)
    }
    defer { unlink(lock) }
    try body()
  }

  /// Unpacks an archive beside the folder, and puts what is in it into its place when all is there.
  ///
  /// - Returns: how many files there are.
  /// - Throws: `ArchiveError`; nothing stays of what was unpacked.
  func unpack(_ archive: String) throws -> Int {
    try? FileManager.default.removeItem(atPath: unpacking)
    defer { try? FileManager.default.removeItem(atPath: unpacking) }
    let count = try TarArchive(archive).extract(into: unpacking)
    rmdir(path)
    try FileManager.default.moveItem(atPath: try content(), toPath: path)
    return count
  }

  /// The one folder that is in the archive, beside what macOS adds, or all of it.
  private func content() throws -> String {
    let names = try FileManager.default.contentsOfDirectory(atPath: unpacking).filter { !$0.hasPrefix("._") }
    var isFolder: ObjCBool = false
    guard names.count == 1,
      FileManager.default.fileExists(atPath: unpacking + "/" + names[0], isDirectory: &isFolder),
      isFolder.boolValue
    else { return unpacking }
    return unpacking + "/" + names[0]
  }
}
