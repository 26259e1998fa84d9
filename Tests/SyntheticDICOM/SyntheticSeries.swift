import Foundation

/// A small DICOM series of CT slices, written byte by byte. Slices are `extent` squared, 2.5 mm apart, of the stored values
/// 100 k + 10 row + column, which rescaling makes 2 x - 5.
///
/// Source: DICOM PS3.10 and PS3.5 (explicit and implicit VR, little-endian), PS3.3 (CT image).
package struct SyntheticSeries {
  package var uid: String
  package var number: Int
  package var description: String
  package var imageType: String
  /// What stands wherever a file tells of a person, an institution or a study.
  package var person: String
  /// Of each slice.
  package var orientation: (Int) -> String
  package var sliceCount: Int
  package var extent: Int
  package var isExplicit: Bool
  /// Puts a sequence of undefined length, which names another series, in front of the series' own UID.
  package var refersToAnother: Bool

  package init(
    uid: String = "1.2.826.0.1.3680043.10.999.1", number: Int = 3, description: String = "T1 axial/Ä",
    imageType: String = "ORIGINAL\\PRIMARY\\AXIAL", person: String = "Doe^Jane",
    orientation: @escaping (Int) -> String = { _ in "1\\0\\0\\0\\1\\0" }, sliceCount: Int = 4,
    extent: Int = 16, isExplicit: Bool = true, refersToAnother: Bool = false
  ) {
    self.uid = uid
    self.number = number
    self.description = description
    self.imageType = imageType
    self.person = person
    self.orientation = orientation
    self.sliceCount = sliceCount
    self.extent = extent
    self.isExplicit = isExplicit
    self.refersToAnother = refersToAnother
  }

  package static let sliceDistance = 2.5
  /// Between rows (j) and between columns (i).
  package static let pixelSpacing = (1.5, 1.25)
  /// Of the first pixel of the first slice, LPS.
  package static let position = (-10.0, 20.0, 5.0)

  package func write(to folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for slice in 0..<sliceCount {
      try Data(file(slice)).write(to: URL(fileURLWithPath: "\(folder)/\(slice)"))
    }
  }

  package func file(_ slice: Int) -> [UInt8] {
    let syntax = isExplicit ? "1.2.840.10008.1.2.1" : "1.2.840.10008.1.2"
    let meta =
      element(0x0002, 0x0002, "UI", "1.2.840.10008.5.1.4.1.1.2", explicit: true)
      + element(0x0002, 0x0003, "UI", "\(uid).\(slice + 1)", explicit: true)
      + element(0x0002, 0x0010, "UI", syntax, explicit: true)
    let length = element(0x0002, 0x0000, "UL", bytes(UInt32(meta.count)), explicit: true)
    return [UInt8](repeating: 0, count: 128) + Array("DICM".utf8) + length + meta + content(slice)
  }

  private func content(_ slice: Int) -> [UInt8] {
    let z = Self.position.2 + Self.sliceDistance * Double(slice)
    let elements: [(Int, Int, String, [UInt8])] = [
      (0x0008, 0x0008, "CS", text(imageType)),
      (0x0008, 0x0016, "UI", text("1.2.840.10008.5.1.4.1.1.2")),
      (0x0008, 0x0018, "UI", text("\(uid).\(slice + 1)")),
      (0x0008, 0x0020, "DA", text("20200101")),
      (0x0008, 0x0030, "TM", text("120000")), (0x0008, 0x0050, "SH", text(person)),
      (0x0008, 0x0060, "CS", text("CT")), (0x0008, 0x0080, "LO", text(person)),
      (0x0008, 0x0090, "PN", text(person)), (0x0008, 0x1030, "LO", text(person)),
      (0x0008, 0x103E, "LO", text(description)), (0x0010, 0x0010, "PN", text(person)),
      (0x0010, 0x0020, "LO", text(person)), (0x0010, 0x4000, "LT", text(person)),
      (0x0018, 0x0050, "DS", text("\(Self.sliceDistance)")), (0x0018, 0x1030, "LO", text(person)),
      (0x0020, 0x000D, "UI", text("1.2.826.0.1.3680043.10.999")),
      (0x0020, 0x000E, "UI", text(uid)),
      (0x0020, 0x0010, "SH", text(person)), (0x0020, 0x0011, "IS", text("\(number)")),
      (0x0020, 0x0013, "IS", text("\(slice + 1)")),
      (0x0020, 0x0032, "DS", text("\(Self.position.0)\\\(Self.position.1)\\\(z)")),
      (0x0020, 0x0037, "DS", text(orientation(slice))),
      (0x0020, 0x0052, "UI", text("1.2.826.0.1.3680043.10.999.9")), (0x0020, 0x4000, "LT", text(person)),
      (0x0028, 0x0002, "US", short(1)), (0x0028, 0x0004, "CS", text("MONOCHROME2")),
      (0x0028, 0x0010, "US", short(extent)), (0x0028, 0x0011, "US", short(extent)),
      (0x0028, 0x0030, "DS", text("\(Self.pixelSpacing.0)\\\(Self.pixelSpacing.1)")),
      (0x0028, 0x0100, "US", short(16)), (0x0028, 0x0101, "US", short(16)),
      (0x0028, 0x0102, "US", short(15)), (0x0028, 0x0103, "US", short(1)),
      (0x0028, 0x1052, "DS", text("-5")), (0x0028, 0x1053, "DS", text("2")),
      (0x7FE0, 0x0010, "OW", pixels(slice)),
    ]
    return elements.flatMap { group, number, representation, value in
      (refersToAnother && number == 0x000D ? reference : []) + element(group, number, representation, value)
    }
  }

  private func text(_ text: String) -> [UInt8] { Array(text.utf8) }

  private func short(_ number: Int) -> [UInt8] { bytes(UInt16(number)) }

  /// A sequence and an item of undefined length, with the UID of another series.
  private var reference: [UInt8] {
    let start = bytes(UInt16(0x0008)) + bytes(UInt16(0x1115))
    let head = start + (isExplicit ? Array("SQ".utf8) + [0, 0] : [])
    func delimiter(_ number: UInt16, _ length: UInt32) -> [UInt8] {
      bytes(UInt16(0xFFFE)) + bytes(number) + bytes(length)
    }
    return head + bytes(UInt32.max) + delimiter(0xE000, .max)
      + element(0x0020, 0x000E, "UI", Array("1.2.3.4".utf8)) + delimiter(0xE00D, 0) + delimiter(0xE0DD, 0)
  }

  private func pixels(_ slice: Int) -> [UInt8] {
    (0..<extent).flatMap { row in
      (0..<extent).flatMap { column in bytes(UInt16(100 * slice + 10 * row + column)) }
    }
  }

  private func element(
    _ group: Int, _ number: Int, _ representation: String, _ text: String, explicit: Bool
  ) -> [UInt8] {
    element(group, number, representation, Array(text.utf8), explicit: explicit)
  }

  private func element(
    _ group: Int, _ number: Int, _ representation: String, _ value: [UInt8], explicit: Bool? = nil
  ) -> [UInt8] {
    let padding: [UInt8] = value.count % 2 == 0 ? [] : [representation == "UI" ? 0 : 32]
    let padded = value + padding
    let tag = bytes(UInt16(group)) + bytes(UInt16(number))
    guard explicit ?? isExplicit else { return tag + bytes(UInt32(padded.count)) + padded }
    let name = Array(representation.utf8)
    let length =
      representation == "OW" ? [0, 0] + bytes(UInt32(padded.count)) : bytes(UInt16(padded.count))
    return tag + name + length + padded
  }

  private func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }
}
