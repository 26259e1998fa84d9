/// Where a header's voxels are and how they are stored.
struct VoxelData: Sendable {
  enum Encoding: Sendable {
    case raw
    /// zlib or gzip data.
    case deflated
    /// Numbers apart by blanks.
    case text
  }

  /// The file that holds them.
  var path: String
  var encoding: Encoding = .raw
  var isBigEndian = false
  /// The byte of the file at which they begin, before lines and bytes are skipped.
  var offset = 0
  /// Lines before the voxels, and before compressed ones.
  var skippedLines = 0
  /// Bytes before the voxels, once inflated; nil when the voxels are the last bytes of the file.
  var skippedBytes: Int? = 0
}

extension VoxelData {
  /// Reads the voxels and what is odd about the file.
  ///
  /// No more memory is taken than the file's length allows. Voxels that are text stay as they are declared.
  /// - Throws: `ImageError` when the file is missing, ends early or is damaged.
  func read(_ type: VoxelType, count: Int, for use: VoxelUse) throws(ImageError) -> (
    voxels: StoredVoxels, remarks: [ImageRemark]
  ) {
    let file = try ImageFile(path: path, as: .plain)
    try file.seek(to: offset)
    if skippedLines > 0 { try file.skipLines(skippedLines) }
    switch encoding {
    case .raw:
      break
    case .deflated:
      try file.inflateTheRest()
    case .text:
      return (try text(file, type, count: count), [])
    }
    let byteCount = count * type.byteCount
    if let skippedBytes {
      try file.skip(skippedBytes)
    } else {
      try file.seekToLast(byteCount)
    }
    let isSwapped = VoxelEncoding(type: type, isBigEndian: isBigEndian).isSwapped
    let voxels = try file.voxels(type, count: count, isSwapped: isSwapped, for: use)
    return (voxels, try file.hasMore() ? [.trailingData] : [])
  }

  /// Every number takes a byte and a blank, so a short file cannot claim many.
  private func text(_ file: ImageFile, _ type: VoxelType, count: Int) throws(ImageError) -> StoredVoxels {
    try file.skip(skippedBytes ?? 0)
    let rest = file.storedByteCount - file.position
    guard 2 * count - 1 <= rest else { throw .truncated(path: path, expected: 2 * count - 1, actual: rest) }
    let bytes = try bytes(of: try file.bytes(count: rest), as: type.storage, count: count)
    return StoredVoxels(type, bytes: bytes)
  }

  private func bytes<T: StoredVoxel>(
    of text: [UInt8], as type: T.Type, count: Int
  ) throws(ImageError) -> [UInt8] {
    let isSeparator: (UInt8) -> Bool = { $0 <= UInt8(ascii: " ") || $0 == UInt8(ascii: ",") }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count * MemoryLayout<T>.size)
    var rest = text[...]
    for _ in 0..<count {
      let word = rest.drop(while: isSeparator).prefix { !isSeparator($0) }
      guard !word.isEmpty else {
        throw .truncated(path: path, expected: count * MemoryLayout<T>.size, actual: bytes.count)
      }
      let text = String(decoding: word, as: UTF8.self)
      guard let value = T(text) else {
        throw .header(.invalidVoxel(path: path, text: printable(text), voxelType: T.voxelType))
      }
      withUnsafeBytes(of: value) { bytes += $0 }
      rest = rest[word.endIndex...]
    }
    return bytes
  }
}
