import Foundation

/// A checksum by which published archives are compared. It guards against damage on the way, not against forgery.
///
/// Source: RFC 1321, The MD5 Message-Digest Algorithm, section 3.
package struct MD5 {
  private var state: (UInt32, UInt32, UInt32, UInt32) = (0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476)
  /// Bytes that do not fill a block yet.
  private var rest: [UInt8] = []
  private var byteCount: UInt64 = 0

  private static let shifts: [[UInt32]] = [
    [7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21],
  ]
  private static let sines: [UInt32] = (1...64).map { UInt32(4_294_967_296 * abs(sin(Double($0)))) }

  package init() {}

  package mutating func update(_ bytes: ArraySlice<UInt8>) {
    byteCount += UInt64(bytes.count)
    var bytes = bytes
    if !rest.isEmpty {
      let missing = bytes.prefix(64 - rest.count)
      rest += missing
      bytes = bytes.dropFirst(missing.count)
      guard rest.count == 64 else { return }
      rest.withUnsafeBufferPointer { process($0[...]) }
      rest = []
    }
    let whole = bytes.count / 64 * 64
    bytes.prefix(whole).withUnsafeBufferPointer { blocks in
      for start in stride(from: 0, to: whole, by: 64) { process(blocks[start..<(start + 64)]) }
    }
    rest = Array(bytes.dropFirst(whole))
  }

  /// The digest of all that came, as 32 hexadecimal digits.
  package consuming func hexDigest() -> String {
    let bitCount = byteCount &* 8
    let padding = [0x80] + [UInt8](repeating: 0, count: Int((119 - byteCount % 64) % 64))
    update((padding + littleEndian(bitCount))[...])
    let digest = [state.0, state.1, state.2, state.3].flatMap(littleEndian)
    return digest.map { String(format: "%02x", $0) }.joined()
  }

  private func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  private mutating func process(_ block: Slice<UnsafeBufferPointer<UInt8>>) {
    let bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(block.base)[block.indices])
    var (a, b, c, d) = state
    for step in 0..<64 {
      let (mixed, word): (UInt32, Int)
      switch step / 16 {
      case 0: (mixed, word) = (b & c | ~b & d, step)
      case 1: (mixed, word) = (d & b | ~d & c, (5 * step + 1) % 16)
      case 2: (mixed, word) = (b ^ c ^ d, (3 * step + 5) % 16)
      default: (mixed, word) = (c ^ (b | ~d), 7 * step % 16)
      }
      let value = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * word, as: UInt32.self))
      let sum = a &+ mixed &+ Self.sines[step] &+ value
      let shift = Self.shifts[step / 16][step % 4]
      (a, d, c, b) = (d, c, b, b &+ (sum << shift | sum >> (32 - shift)))
    }
    state = (state.0 &+ a, state.1 &+ b, state.2 &+ c, state.3 &+ d)
  }
}

extension MD5 {
  /// The digest of a file.
  ///
  /// - Throws: `ArchiveError.unreadable`.
  package static func hexDigest(ofFile path: String) throws(ArchiveError) -> String {
    guard let file = fopen(path, "rb") else {
      throw .unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    defer { fclose(file) }
    var digest = MD5()
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = fread(&bytes, 1, bytes.count, file)
      digest.update(bytes[..<count])
      guard count == bytes.count else { break }
    }
    guard ferror(file) == 0 else { throw .unreadable(path: path, reason: "reading stopped halfway") }
    return digest.hexDigest()
  }
}
