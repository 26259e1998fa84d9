import Foundation

/// Writes files so that a reader, or a crash, sees either the earlier file or the whole new one.
///
/// The bytes go to a temporary file in the same folder, which is flushed to the disk and then renamed over
/// the target; last the folder itself is flushed, so that the new name survives a power failure.
///
/// A path that names a stream, such as /dev/null, /dev/stdout or a pipe, is written to and stays what it is.
///
/// Source: POSIX.1-2017, `rename` (atomic replacement) and `fsync`.
public enum AtomicFile {
  /// Replaces the file at `path` by `bytes`.
  /// - Throws: `AtomicFileError`, the earlier file untouched and no temporary file left, unless the failure
  ///   is the last, the flush of the folder: then the new file is in place.
  public static func write(_ bytes: [UInt8], to path: String) throws(AtomicFileError) {
    switch kind(of: path) {
    case S_IFCHR, S_IFIFO: try writeStream(bytes, to: path)
    case S_IFBLK, S_IFSOCK: throw AtomicFileError(path: path, step: .target, code: EINVAL)
    default: try replace(path, by: bytes)
    }
  }

  /// Replaces the file at `path` by `text` in UTF-8.
  /// - Throws: `AtomicFileError`, as `write(_:to:)` for bytes does.
  public static func write(_ text: String, to path: String) throws(AtomicFileError) {
    try write(Array(text.utf8), to: path)
  }

  /// The bits of `st_mode` that tell what lies at the end of the path's links; 0 where there is nothing.
  private static func kind(of path: String) -> mode_t {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & S_IFMT : 0
  }

  private static func writeStream(_ bytes: [UInt8], to path: String) throws(AtomicFileError) {
    let descriptor = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC)
    guard descriptor >= 0 else { throw AtomicFileError(path: path, step: .open, code: errno) }
    try fill(descriptor, with: bytes, path: path)
  }

  private static func replace(_ path: String, by bytes: [UInt8]) throws(AtomicFileError) {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let temporary = TemporaryName(for: path).path
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw AtomicFileError(path: path, step: .create, code: errno) }
    do throws(AtomicFileError) {
      try fill(descriptor, with: bytes, path: path)
      guard rename(temporary, path) == 0 else {
        throw AtomicFileError(path: path, step: .rename, code: errno)
      }
    } catch {
      unlink(temporary)
      throw error
    }
    try flushFolder(folder, path: path)
  }

  /// Writes all bytes, flushes them to the disk and closes the descriptor.
  private static func fill(
    _ descriptor: Int32, with bytes: [UInt8], path: String
  ) throws(AtomicFileError) {
    var failure: AtomicFileError?
    var offset = 0
    while offset < bytes.count {
      let written = bytes.withUnsafeBytes {
        Foundation.write(descriptor, $0.baseAddress! + offset, bytes.count - offset)
      }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else {
        failure = AtomicFileError(path: path, step: .write, code: errno)
        break
      }
      offset += written
    }
    // A stream has nothing to flush, and says so.
    if failure == nil && fsync(descriptor) != 0 && errno != EINVAL {
      failure = AtomicFileError(path: path, step: .flush, code: errno)
    }
    if close(descriptor) != 0 && failure == nil {
      failure = AtomicFileError(path: path, step: .flush, code: errno)
    }
    if let failure { throw failure }
  }

  private static func flushFolder(_ folder: String, path: String) throws(AtomicFileError) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw AtomicFileError(path: path, step: .flushFolder, code: errno) }
    defer { close(descriptor) }
    // Some network file systems refuse to flush a folder; the rename has been done all the same.
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw AtomicFileError(path: path, step: .flushFolder, code: errno)
    }
  }
}

/// Why a file could not be replaced.
public struct AtomicFileError: Error, Equatable, CustomStringConvertible {
  /// The step of the replacement that failed.
  public enum Step: String, Sendable {
    case target = "is neither a file nor a stream"
    case open = "cannot be opened for writing"
    case create = "cannot create a temporary file beside it"
    case write = "cannot write its bytes"
    case flush = "cannot flush it to the disk"
    case rename = "cannot put the new file in its place"
    case flushFolder = "cannot flush its folder to the disk"
  }

  /// The file that was to be replaced.
  public let path: String
  public let step: Step
  /// The value of `errno`.
  public let code: Int32

  public var description: String {
    let reason = String(cString: strerror(code))
    let outcome = step == .flushFolder ? "" : ", and an earlier file is untouched"
    return "\(path): \(step.rawValue) (\(reason))\(outcome); "
      + "choose a folder that exists, is writable and has space left"
  }
}
