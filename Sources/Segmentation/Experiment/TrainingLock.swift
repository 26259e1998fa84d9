import DurableFiles
import Foundation

/// A model's folder, held for one training: the file `training.lock` in it tells others who trains there.
///
/// The file appears whole or not at all, by a hard link, and is removed with the lock, as is the folder where it was made for
/// the lock and nothing else came into it. A process that is killed leaves its file behind; the next training on that machine
/// sees that the process is gone and takes the folder over. Of processes on other machines nobody can tell from here.
final class TrainingLock {
  private let path: String
  private let holder: LockHolder
  /// The folders that were made for it, the innermost first.
  private let newFolders: [String]
  /// A lock that another holds is let go, too, and its file is that other's.
  private var isHeld = false

  /// - Parameter note: called with a sentence where the lock of a process that is gone was replaced.
  /// - Throws: `SegmentationError.folderInUse`, or `.cannotWrite`.
  init(_ folder: ModelFolder, note: (String) -> Void) throws {
    newFolders = Self.missingFolders(folder.path)
    try folder.create()
    path = folder.lockPath
    holder = LockHolder.own
    // Of those on one machine one at a time looks at the file and replaces it.
    let queue = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { close(queue) }
    flock(queue, LOCK_EX)
    // Nobody else trains here who could be writing.
    defer { if isHeld { TemporaryName.sweep(folder.path) } }
    if try create() {
      isHeld = true
      return
    }
    let other = try LockHolder(contentsOf: path)
    guard other.isGone else { throw other.refusal(path) }
    unlink(path)
    guard try create() else { throw other.refusal(path) }
    isHeld = true
    note("\(path): process \(other.pid), which trained into this folder, is gone; its lock is replaced.")
  }

  deinit {
    if isHeld, (try? LockHolder(contentsOf: path)) == holder { unlink(path) }
    for folder in newFolders { rmdir(folder) }
  }

  /// The folders on a path that are not there, the innermost first.
  private static func missingFolders(_ path: String) -> [String] {
    var missing: [String] = []
    var url = URL(fileURLWithPath: path).standardizedFileURL
    while url.path != "/", !FileManager.default.fileExists(atPath: url.path) {
      missing.append(url.path)
      url.deleteLastPathComponent()
    }
    return missing
  }

  /// Makes the file. Returns whether there was none.
  private func create() throws -> Bool {
    let temporary = TemporaryName(for: path).path
    guard try write(to: temporary) else { return false }
    defer { unlink(temporary) }
    if link(temporary, path) == 0 { return true }
    switch errno {
    case EEXIST: return false
    // The file system has no hard links.
    case EPERM, EOPNOTSUPP, ENOSYS: return try write(to: path)
    default: throw failure(errno)
    }
  }

  /// Writes a new file. Returns whether there was none.
  private func write(to path: String) throws -> Bool {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    if descriptor < 0 && errno == EEXIST { return false }
    guard descriptor >= 0 else { throw failure(errno) }
    defer { close(descriptor) }
    let bytes = [UInt8](try JSONEncoder().encode(holder)) + [10]
    guard Foundation.write(descriptor, bytes, bytes.count) == bytes.count else {
      let code = errno
      unlink(path)
      throw failure(code)
    }
    return true
  }

  private func failure(_ code: Int32) -> SegmentationError {
    .cannotWrite(path: path, reason: String(cString: strerror(code)))
  }
}
