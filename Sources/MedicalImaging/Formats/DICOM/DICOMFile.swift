/// What one DICOM file says of the image in it: the few elements by which series are told apart. Pixels are not read.
///
/// Source: DICOM PS3.5 (data elements, section 7.1), PS3.10 (preamble and meta information, section 7).
struct DICOMFile: Sendable {
  let path: String
  /// By tag; only those of `Tag`.
  private let elements: [Tag: [UInt8]]
  private let isBigEndian: Bool

  /// The elements that are kept, as group and element.
  enum Tag: UInt32, CaseIterable {
    case transferSyntax = 0x0002_0010
    case imageType = 0x0008_0008
    case modality = 0x0008_0060
    case seriesDescription = 0x0008_103E
    case seriesInstance = 0x0020_000E
    case seriesNumber = 0x0020_0011
    case orientation = 0x0020_0037
    case rows = 0x0028_0010
    case columns = 0x0028_0011
  }

  /// What is read of a file at most; the elements above lie in front of everything that is large.
  private static let byteLimit = 1 << 18

  /// Whether a file begins as DICOM does: 128 bytes of anything, then "DICM".
  static func recognises(_ start: [UInt8]) -> Bool {
    start.count >= 132 && Array(start[128..<132]) == Array("DICM".utf8)
  }

  /// - Returns: nil for a file that is not DICOM or cannot be opened.
  init?(path: String) {
    guard let file = try? ImageFile(path: path, as: .plain), let start = try? file.start(count: 132),
      Self.recognises(start), let rest = try? file.start(count: Self.byteLimit)
    else { return nil }
    self.path = path
    var reader = DICOMReader(rest, tags: Set(Tag.allCases.map(\.rawValue)))
    reader.read()
    elements = Dictionary(
      uniqueKeysWithValues: reader.elements.compactMap { tag, value in Tag(rawValue: tag).map { ($0, value) }
      })
    isBigEndian = reader.isBigEndian
  }

  /// The text of an element without the padding; nil where it is absent or empty. Text that is not UTF-8 is taken for Latin-1.
  func text(_ tag: Tag) -> String? {
    guard let bytes = elements[tag] else { return nil }
    let text =
      String(validating: bytes, as: UTF8.self)
      ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    let trimmed = text.drop { $0 == " " || $0 == "\0" }
    let end = trimmed.lastIndex { $0 != " " && $0 != "\0" }
    return end.map { String(trimmed[...$0]) }
  }

  /// The values of an element, which backslashes divide.
  func values(_ tag: Tag) -> [String] {
    (text(tag) ?? "").split(separator: "\\", omittingEmptySubsequences: false)
      .map { $0.split(separator: " ").joined(separator: " ") }
  }

  /// A number of 16 bits.
  private func number(_ tag: Tag) -> Int? {
    guard let bytes = elements[tag], bytes.count >= 2 else { return nil }
    let (low, high) = isBigEndian ? (bytes[1], bytes[0]) : (bytes[0], bytes[1])
    return Int(low) | Int(high) << 8
  }

  /// Whether the file holds an image.
  var holdsImage: Bool { (number(.rows) ?? 0) > 0 && (number(.columns) ?? 0) > 0 }
}
