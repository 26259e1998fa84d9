/// Walks over the data elements of a DICOM file and keeps a few of the outermost ones. It stops behind the group 0028, at
/// the end of what was read of the file, and at whatever makes no sense.
///
/// Source: DICOM PS3.5, section 7 and annex A (transfer syntaxes).
struct DICOMReader {
  private let bytes: [UInt8]
  private let tags: Set<UInt32>
  private var position = 0
  /// How many sequences and items of undefined length are open.
  private var depth = 0
  private var isExplicit = true
  private(set) var isBigEndian = false
  private(set) var elements: [UInt32: [UInt8]] = [:]

  private static let undefinedLength = 0xFFFF_FFFF
  private static let (item, itemEnd, sequenceEnd): (UInt32, UInt32, UInt32) = (
    0xFFFE_E000, 0xFFFE_E00D, 0xFFFE_E0DD
  )
  /// Value representations whose length has 32 bits, behind two bytes that are reserved.
  private static let long: Set<String> = [
    "OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV",
  ]

  /// - Parameter bytes: of a file behind its "DICM".
  init(_ bytes: [UInt8], tags: Set<UInt32>) {
    self.bytes = bytes
    self.tags = tags
  }

  /// The header of one element.
  private struct Header {
    let tag: UInt32
    let length: Int
  }

  mutating func read() {
    var isInMeta = true
    while true {
      if isInMeta, position + 2 <= bytes.count, littleEndian(position, 2) != 2 {
        isInMeta = false
        adoptTransferSyntax()
      }
      guard let header = nextHeader(), header.tag < 0x0029_0000 || header.tag >= Self.item else { return }
      guard take(header) else { return }
    }
  }

  /// The meta information is explicit and little-endian; it names what follows.
  private mutating func adoptTransferSyntax() {
    let name = String(decoding: elements[0x0002_0010] ?? [], as: UTF8.self).filter { $0 != "\0" && $0 != " " }
    isExplicit = name != "1.2.840.10008.1.2"
    isBigEndian = name == "1.2.840.10008.1.2.2"
  }

  /// Goes behind an element, or into it where its length is undefined.
  private mutating func take(_ header: Header) -> Bool {
    switch header.tag {
    case Self.itemEnd, Self.sequenceEnd:
      depth -= 1
      return depth >= 0
    default:
      if header.length == Self.undefinedLength {
        depth += 1
        return true
      }
      guard header.length <= bytes.count - position else { return false }
      if depth == 0 && tags.contains(header.tag) {
        elements[header.tag] = Array(bytes[position..<position + header.length])
      }
      position += header.length
      return true
    }
  }

  private mutating func nextHeader() -> Header? {
    guard position + 8 <= bytes.count else { return nil }
    let tag = UInt32(number(position, 2) << 16 | number(position + 2, 2))
    let isDelimiter = [Self.item, Self.itemEnd, Self.sequenceEnd].contains(tag)
    guard isExplicit && !isDelimiter else {
      defer { position += 8 }
      return Header(tag: tag, length: number(position + 4, 4))
    }
    let representation = String(decoding: bytes[position + 4..<position + 6], as: UTF8.self)
    guard Self.long.contains(representation) else {
      defer { position += 8 }
      return Header(tag: tag, length: number(position + 6, 2))
    }
    guard position + 12 <= bytes.count else { return nil }
    defer { position += 12 }
    return Header(tag: tag, length: number(position + 8, 4))
  }

  private func number(_ start: Int, _ count: Int) -> Int {
    isBigEndian
      ? bytes[start..<start + count].reduce(0) { $0 << 8 | Int($1) } : littleEndian(start, count)
  }

  private func littleEndian(_ start: Int, _ count: Int) -> Int {
    bytes[start..<start + count].reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}
