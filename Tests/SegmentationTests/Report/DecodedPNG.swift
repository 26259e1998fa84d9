import CZlib

/// A PNG of 8-bit RGB, read by a decoder of its own, which knows filter types 0 and 1 only.
struct DecodedPNG {
  var width = 0
  var height = 0
  var chunkTypes: [String] = []
  /// Red, green, blue, row by row; empty where anything is wrong with the file.
  var pixels: [UInt8] = []

  init(_ bytes: [UInt8]) {
    guard bytes.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] else { return }
    var stream: [UInt8] = []
    var position = 8
    while position + 12 <= bytes.count {
      let length = Self.bigEndian(bytes, at: position)
      let body = Array(bytes[(position + 4)..<(position + 8 + length)])
      guard Int(crc32(0, body, uInt(body.count))) == Self.bigEndian(bytes, at: position + 8 + length) else {
        return
      }
      let (type, data) = (String(decoding: body.prefix(4), as: UTF8.self), Array(body.dropFirst(4)))
      chunkTypes.append(type)
      if type == "IHDR" {
        guard data.suffix(5) == [8, 2, 0, 0, 0] else { return }
        (width, height) = (Self.bigEndian(data, at: 0), Self.bigEndian(data, at: 4))
      }
      if type == "IDAT" { stream += data }
      position += 12 + length
    }
    guard position == bytes.count else { return }
    unfilter(stream)
  }

  private mutating func unfilter(_ stream: [UInt8]) {
    let stride = 1 + 3 * width
    var rows = [UInt8](repeating: 0, count: stride * height + 1)
    var count = uLong(rows.count)
    guard uncompress(&rows, &count, stream, uLong(stream.count)) == Z_OK, Int(count) == stride * height
    else { return }
    for y in 0..<height {
      var row = Array(rows[(y * stride + 1)..<((y + 1) * stride)])
      if rows[y * stride] == 1 {
        for x in 3..<max(3, row.count) { row[x] &+= row[x - 3] }
      }
      pixels += row
    }
  }

  private static func bigEndian(_ bytes: [UInt8], at offset: Int) -> Int {
    bytes[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int($1) }
  }
}
