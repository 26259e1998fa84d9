import Foundation
import MedicalImaging
import Testing

/// Damage, one kind at a time, and the error that names it.
@Suite struct NIfTIErrorTests {
  private func read(_ bytes: [UInt8], as name: String = "a.nii") throws -> Volume {
    let folder = try TemporaryFolder()
    return try NIfTIImage(contentsOf: folder.write(bytes, to: name)).image().volume()
  }

  private func golden(_ name: String) throws -> [UInt8] { try content(of: NIfTIGolden.path(name)) }

  /// Reads a golden whose bytes from `offset` on are replaced, and returns the error.
  private func error(_ offset: Int, _ stored: [UInt8], in name: String = "int16_le_1.nii") throws
    -> ImageError?
  {
    var bytes = try golden(name)
    bytes.replaceSubrange(offset..<offset + stored.count, with: stored)
    do {
      _ = try read(bytes)
      return nil
    } catch let error as ImageError {
      #expect(isOneSentence("\(error)"), "\(error)")
      return error
    }
  }

  @Test func missingFileAndFolder() throws {
    let folder = try TemporaryFolder()
    #expect(throws: ImageError.notFound(path: folder.file("no.nii"))) {
      try NIfTIImage(contentsOf: folder.file("no.nii"))
    }
    #expect(throws: ImageError.notRegularFile(path: folder.path)) { try NIfTIImage(contentsOf: folder.path) }
    #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
    #expect(throws: ImageError.notRegularFile(path: folder.file("pipe"))) {
      try NIfTIHeader.headerOnly(folder.file("pipe"))
    }
  }

  @Test(arguments: ["int16_le_1.nii", "int16_be_2.nii", "compressed.nii.gz", "two_members.nii.gz"])
  func everyTruncationIsRefused(_ name: String) throws {
    let bytes = try golden(name)
    for length in 0..<bytes.count {
      #expect(throws: ImageError.self, "\(length) bytes") { try read(Array(bytes.prefix(length))) }
    }
  }

  /// A bit that means nothing (padding, operating system) may flip; none may change a voxel unnoticed.
  @Test func everyFlippedBitOfCompressedVoxelsIsNoticed() throws {
    let bytes = try golden("compressed.nii.gz")
    let volume = try read(bytes)
    var refused = 0
    for bit in 0..<8 * bytes.count {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      if let damagedVolume = try? read(damaged) {
        #expect(damagedVolume == volume, "bit \(bit)")
      } else {
        refused += 1
      }
    }
    #expect(refused > 7 * bytes.count)
  }

  @Test func fieldsThatMakeNoImage() throws {
    guard case .nifti(.notNIfTI) = try error(0, [1]) else {
      Issue.record("sizeof_hdr")
      return
    }
    guard case .nifti(.notNIfTI) = try error(344, Array("xyz".utf8)) else {
      Issue.record("magic")
      return
    }
    guard case .nifti(.pairedFiles) = try error(344, Array("ni1".utf8)) else {
      Issue.record("pair")
      return
    }
    guard case .nifti(.pairedFiles) = try error(4, Array("ni2".utf8), in: "int16_le_2.nii") else {
      Issue.record("pair, NIfTI-2")
      return
    }
    guard case .nifti(.notNIfTI) = try error(8, [0], in: "int16_le_2.nii") else {
      Issue.record("line ends")
      return
    }
    for count: UInt8 in [0, 8, 255] {
      guard case .nifti(.invalidDimensions) = try error(40, [count]) else {
        Issue.record("dim[0] \(count)")
        return
      }
    }
    guard case .nifti(.invalidDimensions) = try error(42, [0, 0]) else {
      Issue.record("dim 0")
      return
    }
    guard case .nifti(.invalidDimensions) = try error(42, [0xFF, 0xFF]) else {
      Issue.record("dim -1")
      return
    }
    guard case .truncated = try error(42, [0xFF, 0x7F]) else {
      Issue.record("dim 32767")
      return
    }
    guard case .nifti(.tooLarge) = try error(42, [0xFF, 0x7F, 0xFF, 0x7F, 0xFF, 0x7F]) else {
      Issue.record("huge")
      return
    }
    let huge: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0x7F]
    guard case .nifti(.tooLarge) = try error(24, huge + huge, in: "int16_le_2.nii") else {
      Issue.record("product overflows")
      return
    }
    guard case .nifti(.unsupportedAxes) = try error(40, [5, 0, 2, 0, 1, 0, 1, 0, 3, 0, 4, 0]) else {
      Issue.record("two further axes")
      return
    }
  }

  @Test func typesOffsetsAndScaling() throws {
    for code: Int16 in [0, 1, 32, 128, 1536, 1792, 2048, 2304, -1] {
      let stored = [UInt8(truncatingIfNeeded: code), UInt8(truncatingIfNeeded: code >> 8)]
      guard case .nifti(.unsupportedDataType(_, Int(code))) = try error(70, stored) else {
        Issue.record("datatype \(code)")
        return
      }
    }
    for offset: Float in [351, 352.5, -1, .nan, .infinity, 1e20, 16] {
      let stored = withUnsafeBytes(of: offset.bitPattern.littleEndian) { Array($0) }
      guard case .nifti(.invalidDataOffset) = try error(108, stored) else {
        Issue.record("offset \(offset)")
        return
      }
    }
    guard case .truncated = try error(108, [0, 0, 0x80, 0x49]) else {
      Issue.record("offset 2^20")
      return
    }
    #expect(try error(108, [0, 0, 0, 0]) == nil)  // zero stands for 352
    guard case .nifti(.invalidScaling) = try error(112, [0, 0, 0x80, 0x3F, 0, 0, 0xC0, 0x7F]) else {
      Issue.record("intercept NaN")
      return
    }
  }

  @Test func geometryThatIsNone() throws {
    guard case .nifti(.invalidSpacing) = try error(80, [0, 0, 0, 0], in: "pixdim_only.nii") else {
      Issue.record("spacing 0")
      return
    }
    guard case .nifti(.invalidSpacing) = try error(80, [0, 0, 0x80, 0x7F], in: "qform.nii") else {
      Issue.record("spacing infinite")
      return
    }
    let two: [UInt8] = [0, 0, 0, 0x40]
    guard case .nifti(.invalidAffine(_, "qform")) = try error(256, two, in: "qform.nii") else {
      Issue.record("quaternion longer than 1")
      return
    }
    let zeros = [UInt8](repeating: 0, count: 48)
    guard case .nifti(.invalidAffine(_, "sform")) = try error(280, zeros, in: "sform.nii") else {
      Issue.record("sform zero")
      return
    }
    guard case .nifti(.invalidAffine(_, "sform")) = try error(280, [0, 0, 0xC0, 0x7F], in: "sform.nii") else {
      Issue.record("sform NaN")
      return
    }
    #expect(try error(256, two, in: "sform.nii") == nil)  // the qform is not used here
  }

  /// NIfTI-2 has numbers that a unit or a square carries beyond all bounds.
  @Test(arguments: [1e200, 1e-200, 1e308])
  func unitsThatOverflow(_ spacing: Double) throws {
    var bytes = try golden("float32_le_2.nii")
    func set(_ offset: Int, _ values: [UInt8]) {
      bytes.replaceSubrange(offset..<offset + values.count, with: values)
    }
    set(112, withUnsafeBytes(of: spacing.bitPattern.littleEndian) { Array($0) })  // pixdim[1]
    set(344, [0, 0, 0, 0, 0, 0, 0, 0])  // qform_code, sform_code
    set(500, [1, 0, 0, 0])  // metres
    let folder = try TemporaryFolder()
    let path = try folder.write(bytes, to: "a.nii")
    let error = #expect(throws: ImageError.self) { try ImageHeader(contentsOf: path) }
    guard case .nifti(.invalidSpacing) = error else {
      Issue.record("\(spacing): \(String(describing: error))")
      return
    }
  }

  @Test func dataBehindTheVoxelsAreReported() throws {
    let folder = try TemporaryFolder()
    let bytes = try golden("int16_le_1.nii")
    #expect(try NIfTIImage(contentsOf: folder.write(bytes + [0], to: "a.nii")).hasTrailingData)
    #expect(try !NIfTIImage(contentsOf: folder.write(bytes, to: "a.nii")).hasTrailingData)
  }
}

/// Whether a text is one line that ends in a full stop, and long enough to hold a remedy.
func isOneSentence(_ text: String) -> Bool {
  text.hasSuffix(".") && !text.contains("\n") && text.count > 30
}
