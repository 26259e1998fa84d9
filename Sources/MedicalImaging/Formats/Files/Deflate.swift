import CZlib

/// Compression by deflate (RFC 1951): equal input, equal output.
enum Deflate {
  /// What is written around the compressed data.
  enum Wrapper {
    /// RFC 1952, with no name and a time of zero.
    case gzip
    /// RFC 1950.
    case zlib
  }

  /// The bytes of a part that are copied for zlib at once.
  private static let pieceLength = 1 << 20

  /// Returns the parts, one after the other, as one compressed stream.
  static func compressed(_ parts: [[UInt8]], as wrapper: Wrapper) -> [UInt8] {
    // zlib keeps the address of the stream, so it must not move.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    let windowBits: Int32 = wrapper == .gzip ? 15 + 16 : 15
    let status = deflateInit2_(
      stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "zlib cannot start")
    defer { deflateEnd(stream) }
    var output: [UInt8] = []
    for part in parts {
      for start in Swift.stride(from: 0, to: part.count, by: pieceLength) {
        append(Array(part[start..<min(part.count, start + pieceLength)]), Z_NO_FLUSH, stream, &output)
      }
    }
    append([], Z_FINISH, stream, &output)
    return output
  }

  private static func append(
    _ input: [UInt8], _ flush: Int32, _ stream: UnsafeMutablePointer<z_stream>, _ output: inout [UInt8]
  ) {
    var input = input
    var room = [UInt8](repeating: 0, count: 1 << 16)
    input.withUnsafeMutableBufferPointer { source in
      stream.pointee.next_in = source.baseAddress
      stream.pointee.avail_in = UInt32(source.count)
      repeat {
        let made = room.withUnsafeMutableBufferPointer { target in
          stream.pointee.next_out = target.baseAddress
          stream.pointee.avail_out = UInt32(target.count)
          _ = deflate(stream, flush)
          return target.count - Int(stream.pointee.avail_out)
        }
        output.append(contentsOf: room.prefix(made))
      } while stream.pointee.avail_out == 0
    }
  }
}
