import CZlib
import Foundation
import ProcessMemory

/// A file opened for reading from start to end, inflated on the way where it is compressed.
///
/// Memory use is one buffer, whatever the file claims.
final class ImageFile {
  let path: String
  /// The file's length on disk in bytes.
  let storedByteCount: Int
  private let descriptor: Int32
  private let input: UnsafeMutableRawBufferPointer
  private var stream: UnsafeMutablePointer<z_stream>?
  /// The byte of the content at which reading goes on.
  private(set) var position = 0
  private var isInsideMember = false
  /// How many gzip members were begun.
  private var memberCount = 0
  private var isAtEnd = false

  /// What the first bytes of a file mean.
  enum Content {
    /// gzip data where they begin like that, whatever the file's name says; else what they are.
    case recognised
    /// What they are.
    case plain
  }

  /// - Throws: `ImageError.notFound`, `.cannotOpen`, `.empty`, `.notRegularFile`, `.gitPointer`, `.cannotRead`.
  init(path: String, as content: Content = .recognised) throws(ImageError) {
    // Non-blocking, so that a named pipe is refused rather than waited for.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw errno == ENOENT ? .notFound(path: path) : .cannotOpen(path: path, reason: systemMessage(errno))
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .notRegularFile(path: path)
    }
    self.path = path
    self.descriptor = descriptor
    storedByteCount = Int(status.st_size)
    input = .allocate(byteCount: 1 << 16, alignment: 16)
    guard storedByteCount > 0 else { throw .empty(path: path) }
    let start = firstBytes(Self.gitPointer.count)
    if start == Self.gitPointer { throw .gitPointer(path: path) }
    if content == .recognised, start.prefix(2) == [0x1F, 0x8B] { try inflateTheRest() }
  }

  /// How a file begins that git-lfs has not replaced by what it stands for.
  ///
  /// Source: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md, "The Pointer".
  private static let gitPointer = Array("version https://git-lfs.github.com/spec/v1".utf8)

  private func firstBytes(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = max(0, pread(descriptor, buffer.baseAddress, count, 0))
    }
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

  /// From here on the content of a file opened as it is is zlib or gzip data.
  func inflateTheRest() throws(ImageError) {
    precondition(!isCompressed)
    // zlib keeps the address of the stream, so it must not move.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let anyFormatWindowBits: Int32 = 15 + 32
    let size = Int32(MemoryLayout<z_stream>.size)
    guard inflateInit2_(stream, anyFormatWindowBits, ZLIB_VERSION, size) == Z_OK else {
      stream.deallocate()
      throw .cannotRead(path: path, reason: "zlib cannot start")
    }
    self.stream = stream
    isInsideMember = true
    memberCount = 1
  }

  /// Goes to a byte of a file that is not compressed.
  ///
  /// - Throws: `ImageError.truncated` when the file ends before.
  func seek(to offset: Int) throws(ImageError) {
    precondition(!isCompressed && offset >= 0)
    guard offset <= storedByteCount else {
      throw .truncated(path: path, expected: offset, actual: storedByteCount)
    }
    guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else {
      throw .cannotRead(path: path, reason: systemMessage(errno))
    }
    position = offset
  }

  /// Goes to the last bytes of a file that is not compressed.
  ///
  /// - Throws: `ImageError.truncated` when it is shorter, counted from here.
  func seekToLast(_ count: Int) throws(ImageError) {
    _ = try end(after: count)
    try seek(to: storedByteCount - count)
  }

  /// Passes over bytes.
  ///
  /// - Throws: `ImageError.truncated` when the file ends before.
  func skip(_ count: Int) throws(ImageError) {
    let end = try end(after: count)
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 1)
    defer { scratch.deallocate() }
    while position < end {
      let piece = UnsafeMutableRawBufferPointer(rebasing: scratch.prefix(end - position))
      guard try fill(piece).get() > 0 else { throw .truncated(path: path, expected: end, actual: position) }
    }
  }

  /// Returns where reading `count` bytes would end.
  ///
  /// - Throws: `ImageError.truncated` when the file cannot hold so much.
  private func end(after count: Int) throws(ImageError) -> Int {
    let (end, overflow) = position.addingReportingOverflow(count)
    guard !overflow, end <= largestContentByteCount else {
      throw .truncated(path: path, expected: overflow ? .max : end, actual: largestContentByteCount)
    }
    return end
  }

  /// Returns where reading `count` bytes would end, from which as many as `byteCount` are made.
  ///
  /// - Throws: `ImageError.truncated` when the file cannot hold so much, `.tooLargeForMemory`.
  func end(after count: Int, taking byteCount: Int) throws(ImageError) -> Int {
    let end = try end(after: count)
    guard byteCount > Self.negligibleByteCount else { return end }
    let available = MemoryLimit.available
    guard byteCount <= available else {
      throw .tooLargeForMemory(path: path, needed: byteCount, available: available)
    }
    return end
  }

  /// Reads up to `count` bytes, fewer where the file ends before.
  func start(count: Int) throws(ImageError) -> [UInt8] {
    var outcome: Result<Int, ImageError> = .success(0)
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      outcome = fill(UnsafeMutableRawBufferPointer(buffer))
      filled = (try? outcome.get()) ?? 0
    }
    _ = try outcome.get()
    return bytes
  }

  /// What is read without a look at the memory that is left.
  private static let negligibleByteCount = 1 << 20

  /// Reads exactly `count` bytes.
  ///
  /// Memory is written to as far as the content goes, so a header that lies about its image takes none of it.
  /// - Throws: `ImageError.truncated` when the file ends before, `.tooLargeForMemory`.
  func bytes(count: Int) throws(ImageError) -> [UInt8] {
    let expected = try end(after: count, taking: count)
    let bytes = try start(count: count)
    guard bytes.count == count else {
      throw .truncated(path: path, expected: expected, actual: position)
    }
    return bytes
  }

  /// Reads a little further and returns whether there is more; the checksum of compressed content is verified.
  ///
  /// What follows compressed content without being such, whatever it is, is ignored, as gzip ignores it.
  /// - Throws: `ImageError.truncated` or `.damagedCompression`.
  func hasMore() throws(ImageError) -> Bool {
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 1)
    defer { scratch.deallocate() }
    let member = memberCount
    switch fill(scratch) {
    case .success(let count): if count > 0 { return true }
    case .failure(.damagedCompression) where memberCount > member: return false
    case .failure(let error): throw error
    }
    if isInsideMember && memberCount == member {
      throw .truncated(path: path, expected: position + 1, actual: position)
    }
    return false
  }

  /// Fills the buffer as far as the content goes and returns the number of bytes put there.
  private func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Result<Int, ImageError> {
    let outcome = stream.map { inflated(into: buffer, $0) } ?? plain(into: buffer)
    if case .success(let count) = outcome { position += count }
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
      if status != Z_OK && status != Z_STREAM_END && memberCount > 1 && stream.pointee.total_out == 0 {
        // What looked like a further member is none.
        (isAtEnd, isInsideMember) = (true, false)
        break
      }
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
    memberCount += 1
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
