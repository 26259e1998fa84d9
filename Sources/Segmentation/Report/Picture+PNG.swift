import CZlib

extension Picture {
  /// The picture as a PNG file: 8-bit RGB, not interlaced.
  ///
  /// Source: PNG specification, third edition: signature (5.2), chunks (5.3), IHDR (11.2.1), IDAT (11.2.3).
  public func pngEncoded() -> [UInt8] {
    let header = bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + [8, 2, 0, 0, 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + chunk("IHDR", header) + chunk("IDAT", compressedRows()) + chunk("IEND", [])
  }

  /// The rows, each after its filter type, as a zlib stream.
  private func compressedRows() -> [UInt8] {
    var rows: [UInt8] = []
    rows.reserveCapacity(height * (1 + 3 * width))
    for y in 0..<height {
      let row = bytes[(3 * y * width)..<(3 * (y + 1) * width)]
      // Filter type 1, Sub (9.2): a byte less the one of the same colour in the pixel to the left.
      rows.append(1)
      rows.append(contentsOf: row.prefix(3))
      rows.append(contentsOf: zip(row.dropFirst(3), row).map { $0 &- $1 })
    }
    var count = compressBound(uLong(rows.count))
    var stream = [UInt8](repeating: 0, count: Int(count))
    let status = compress2(&stream, &count, rows, uLong(rows.count), Z_BEST_COMPRESSION)
    precondition(status == Z_OK, "zlib lacks memory for \(rows.count) bytes")
    return Array(stream.prefix(Int(count)))
  }

  /// Length, type, data, and the CRC of type and data.
  private func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + data
    let checksum = crc32(0, body, uInt(body.count))
    return bigEndian(UInt32(data.count)) + body + bigEndian(UInt32(checksum))
  }

  private func bigEndian(_ value: UInt32) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }
}
