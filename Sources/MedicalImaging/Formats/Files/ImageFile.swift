import CZlib
import Foundation

/// A file opened for reading from start to end, inflated on the way when it is gzip data.
///
/// What the file holds decides, not its name. Memory use is one buffer, whatever the file claims.
final class ImageFile {
  let path: String
  /// The file's length on disk in bytes.
  let storedByteCount: Int
  private let descriptor: Int32
  private let input: UnsafeMutableRawBufferPointer
  private var stream: UnsafeMutablePointer<z_stream>?
  private var bytesRead = 0
  private var isInsideMember = false
  private var isAtEnd = false

  /// - Throws: `ImageError.cannotOpen`, `.notRegularFile`, `.cannotRead`.
  init(path: String) throws(ImageError) {
    // Non-blocking, so that a named pipe is refused rather than waited for.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw .cannotOpen(path: path, reason: systemMessage(errno)) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .notRegularFile(path: path)
    }
    self.path = path
    self.descriptor = descriptor
    storedByteCount = Int(status.st_size)
    input = .allocate(byteCount: 1 << 16, alignment: 16)
    var magic: [UInt8] = [0, 0]
    if pread(descriptor, &magic, 2, 0) == 2, magic == [0x1F, 0x8B] { try startInflating() }
  }

  deinit {
    if let stream {
      inflateEnd(stream)
      stream.deallocate()
    }
    input.deallocate()
    close(descriptor)
  }

  /// Whether the content is gzip data.
  var isCompressed: Bool { stream != nil }

  /// An upper bound of the content's length in bytes; deflate shrinks by 1032 at best.
  var largestContentByteCount: Int {
    guard isCompressed else { return storedByteCount }
    return storedByteCount < 1 << 50 ? storedByteCount * 1032 : Int.max
  }

  private func startInflating() throws(ImageError) {
    // zlib keeps the address of the stream, so it must not move.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let gzipWindowBits: Int32 = 15 + 16
    let size = Int32(MemoryLayout<z_stream>.size)
    guard inflateInit2_(stream, gzipWindowBits, ZLIB_VERSION, size) == Z_OK else {
      stream.deallocate()
      throw .cannotRead(path: path, reason: "zlib cannot start")
    }
    self.stream = stream
    isInsideMember = true
  }

  /// Reads up to `count` bytes, fewer where the file ends before.
  func start(count: Int) throws(ImageError) -> [UInt8] { try extended([], to: count) }

  /// Reads exactly `count` bytes.
  ///
  /// The array grows with what is there, so a header that lies about its image costs no memory.
  /// - Throws: `ImageError.truncated` when the file ends before.
  func bytes(count: Int) throws(ImageError) -> [UInt8] {
    let expected = bytesRead + count
    guard expected <= largestContentByteCount else {
      throw .truncated(path: path, expected: expected, actual: largestContentByteCount)
    }
    guard count <= ProcessInfo.processInfo.physicalMemory else {
      throw .cannotRead(path: path, reason: "\(count) bytes do not fit in memory")
    }
    var bytes: [UInt8] = []
    var capacity = isCompressed ? min(count, max(1 << 20, storedByteCount)) : count
    while bytes.count < count {
      bytes = try extended(bytes, to: capacity)
      guard bytes.count == capacity else {
        throw .truncated(path: path, expected: expected, actual: bytesRead)
      }
      capacity = min(count, capacity * 4)
    }
    return bytes
  }

  /// Returns the bytes with those that follow, up to `capacity` in all.
  private func extended(_ bytes: [UInt8], to capacity: Int) throws(ImageError) -> [UInt8] {
    var outcome: Result<Int, ImageError> = .success(0)
    let longer = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, filled in
      let copied = buffer.initialize(fromContentsOf: bytes)
      outcome = fill(
        UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[copied...]))
      filled = copied + ((try? outcome.get()) ?? 0)
    }
    _ = try outcome.get()
    return longer
  }

  /// Reads a little further and returns whether there is more; at the end gzip's checksum is verified.
  ///
  /// - Throws: `ImageError.truncated` or `.damagedCompression`.
  func hasMore() throws(ImageError) -> Bool {
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 1)
    defer { scratch.deallocate() }
    if try fill(scratch).get() > 0 { return true }
    if isInsideMember { throw .truncated(path: path, expected: bytesRead + 1, actual: bytesRead) }
    return false
  }

  /// Fills the buffer as far as the content goes and returns the number of bytes put there.
  private func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Result<Int, ImageError> {
    let outcome = stream.map { inflated(into: buffer, $0) } ?? plain(into: buffer)
    if case .success(let count) = outcome { bytesRead += count }
    return outcome
  }

  private func plain(into buffer: UnsafeMutableRawBufferPointer) -> Result<Int, ImageError> {
    var filled = 0
    while filled < buffer.count {
      let count = read(descriptor, buffer.baseAddress! + filled, min(buffer.count - filled, 1 << 30))
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { return .failure(.cannotRead(path: path, reason: systemMessage(errno))) }
      if count == 0 { break }
      filled += count
    }
    return .success(filled)
  }

  private func inflated(
    into buffer: UnsafeMutableRawBufferPointer, _ stream: UnsafeMutablePointer<z_stream>
  ) -> Result<Int, ImageError> {
    var filled = 0
    while filled < buffer.count {
      if stream.pointee.avail_in == 0, case .failure(let error) = refill(stream) { return .failure(error) }
      guard stream.pointee.avail_in > 0, isInsideMember || startNextMember(stream) else { break }
      let room = min(buffer.count - filled, 1 << 30)
      stream.pointee.next_out = (buffer.baseAddress! + filled).assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(room)
      let status = inflate(stream, Z_NO_FLUSH)
      filled += room - Int(stream.pointee.avail_out)
      if status == Z_STREAM_END { isInsideMember = false }
      guard status == Z_OK || status == Z_STREAM_END else {
        return .failure(.damagedCompression(path: path))
      }
    }
    return .success(filled)
  }

  /// A gzip file may hold several members, one after the other; anything else behind one is ignored.
  private func startNextMember(_ stream: UnsafeMutablePointer<z_stream>) -> Bool {
    guard !isAtEnd, stream.pointee.next_in.pointee == 0x1F, inflateReset(stream) == Z_OK else {
      isAtEnd = true
      return false
    }
    isInsideMember = true
    return true
  }

  private func refill(_ stream: UnsafeMutablePointer<z_stream>) -> Result<Int, ImageError> {
    let outcome = plain(into: input)
    if case .success(let count) = outcome {
      stream.pointee.next_in = input.baseAddress!.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_in = UInt32(count)
    }
    return outcome
  }
}

/// Returns the system's words for an error number.
func systemMessage(_ code: Int32) -> String {
  String(cString: strerror(code))
}
