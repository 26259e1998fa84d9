/// One header of a tar archive: 512 bytes.
///
/// Source: POSIX.1-2017, pax, ustar interchange format; GNU tar manual, Basic Tar Format, for numbers in base 256 and long names.
struct TarHeader {
  static let byteCount = 512

  enum Kind: Equatable {
    case file
    case folder
    /// pax records that say more of the next entry.
    case extended
    /// pax records for all that follow, or the target of a link: nothing that counts here.
    case ignored
    /// GNU: the next entry's name.
    case longName
    /// What is refused, in words.
    case other(String)
  }

  /// As it stands there: nil where it is no UTF-8.
  let name: String?
  /// Of the contents, in bytes.
  let size: Int
  let kind: Kind

  /// - Returns: nil where the checksum is wrong or a number is none: these 512 bytes are no header.
  init?(_ block: [UInt8]) {
    guard let stored = Self.number(block[148..<156]) else { return nil }
    let blanked = block.indices.map { (148..<156).contains($0) ? 0x20 : block[$0] }
    // Some writers of old took bytes for signed ones.
    let unsigned = blanked.reduce(0) { $0 + Int($1) }
    let signed = blanked.reduce(0) { $0 + Int(Int8(bitPattern: $1)) }
    guard stored == unsigned || stored == signed, let size = Self.number(block[124..<136]), size >= 0 else {
      return nil
    }
    // The prefix is POSIX's; GNU keeps other things there.
    let isPOSIX = block[257..<263].elementsEqual("ustar\0".utf8)
    let text = Self.text(block[0..<100])
    let prefix = isPOSIX ? Self.text(block[345..<500]) : ""
    name = text.flatMap { text in prefix.map { $0.isEmpty ? text : $0 + "/" + text } }
    kind = Self.kind(block[156], isFolderByName: name?.hasSuffix("/") ?? false)
    // Only these have contents.
    switch kind {
    case .folder, .other: self.size = 0
    case .file, .extended, .ignored, .longName: self.size = size
    }
  }

  private static func kind(_ flag: UInt8, isFolderByName: Bool) -> Kind {
    switch Unicode.Scalar(flag) {
    case "\0", "0", "7": isFolderByName ? .folder : .file
    case "5": .folder
    case "x": .extended
    case "g", "K": .ignored
    case "L": .longName
    case "1": .other("a hard link")
    case "2": .other("a symbolic link")
    case "3", "4": .other("a device")
    case "6": .other("a pipe")
    default: .other("an entry of a kind of its own")
    }
  }

  /// Octal digits, or where the first bit is set a number in base 256.
  private static func number(_ field: ArraySlice<UInt8>) -> Int? {
    if let first = field.first, first & 0x80 != 0 {
      guard first == 0x80, field.dropFirst().dropLast(7).allSatisfy({ $0 == 0 }) else { return nil }
      return field.suffix(7).reduce(0) { $0 << 8 | Int($1) }
    }
    let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0x20 && $0 != 0 }
    return digits.isEmpty ? 0 : Int(String(decoding: digits, as: UTF8.self), radix: 8)
  }

  /// Up to the first zero.
  private static func text(_ field: ArraySlice<UInt8>) -> String? {
    String(validating: field.prefix { $0 != 0 }, as: UTF8.self)
  }
}
