import Foundation

/// Writing a file so that, whatever happens, either the old content or the whole new content is there.
package enum AtomicFile {
  /// Why a file could not be written, in the system's words.
  package struct Failure: Error, Equatable, Sendable {
    package let reason: String
  }

  /// Writes a temporary file in the same folder, syncs it to disk and renames it.
  ///
  /// - Parameter parts: The content, in order.
  package static func write(_ parts: [[UInt8]], to path: String) throws(Failure) {
    let url = URL(fileURLWithPath: path)
    let folder = url.deletingLastPathComponent().path
    let temporary = "\(folder)/.\(url.lastPathComponent).\(UInt64.random(in: 0...UInt64.max)).part"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw Failure(reason: systemMessage(errno)) }
    do throws(Failure) {
      for part in parts { try append(part, to: descriptor) }
      guard fsync(descriptor) == 0 else { throw Failure(reason: systemMessage(errno)) }
    } catch {
      close(descriptor)
      unlink(temporary)
      throw error
    }
    guard close(descriptor) == 0, rename(temporary, path) == 0 else {
      let reason = systemMessage(errno)
      unlink(temporary)
      throw Failure(reason: reason)
    }
    syncFolder(folder)
  }

  private static func append(_ bytes: [UInt8], to descriptor: Int32) throws(Failure) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        Foundation.write(descriptor, $0.baseAddress! + written, $0.count - written)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw Failure(reason: systemMessage(errno)) }
      written += count
    }
  }

  /// Makes the rename itself durable; a file system that cannot is left as it is.
  private static func syncFolder(_ folder: String) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}
