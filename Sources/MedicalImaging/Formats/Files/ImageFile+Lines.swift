/// Lines of text at the start of a file that is not compressed.
extension ImageFile {
  /// Opens a file whose format compresses its voxels itself.
  ///
  /// - Throws: as for any file, and `ImageError.compressedAsAWhole`.
  convenience init(textHeader path: String) throws(ImageError) {
    try self.init(path: path)
    guard !isCompressed else { throw .compressedAsAWhole(path: path) }
  }

  /// Reads a line of at most `limit` bytes, without its end, and leaves the file behind it; nil at the end of the file.
  ///
  /// What is no UTF-8 is replaced.
  /// - Throws: `ImageError.header(.endless)` for a longer line.
  func line(limit: Int) throws(ImageError) -> String? {
    let start = position
    var bytes: [UInt8] = []
    while true {
      let block = try self.start(count: 1024)
      let end = block.firstIndex(of: UInt8(ascii: "\n"))
      bytes += block[..<(end ?? block.count)]
      guard bytes.count <= limit else { throw .header(.endless(path: path, limit: limit)) }
      if end != nil {
        try seek(to: start + bytes.count + 1)
      } else if !block.isEmpty {
        continue
      } else if bytes.isEmpty {
        return nil
      }
      if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  /// Passes over lines, whatever they hold.
  ///
  /// - Throws: `ImageError.truncated` when there are fewer.
  func skipLines(_ count: Int) throws(ImageError) {
    let rest = storedByteCount - position
    guard count <= rest else { throw .truncated(path: path, expected: count, actual: rest) }
    var (offset, missing) = (position, count)
    while missing > 0 {
      let block = try start(count: 1 << 16)
      guard !block.isEmpty else {
        throw .truncated(path: path, expected: storedByteCount + missing, actual: storedByteCount)
      }
      for (index, byte) in block.enumerated() where byte == UInt8(ascii: "\n") && missing > 0 {
        missing -= 1
        if missing == 0 { offset += index + 1 }
      }
      if missing > 0 { offset += block.count }
    }
    try seek(to: offset)
  }
}
