import Foundation
import MedicalImaging
import SeededRandom
import Testing

@Suite struct NIfTIWriterTests {
  /// Bytes of the NIfTI-1 header that a mask may change: dim, intent, datatype, bitpix, vox_offset, scaling,
  /// cal_max, cal_min, intent_name.
  private static let changeable =
    Set(40..<70).union(70..<74).union(108..<120).union(124..<132).union(328..<344)

  @Test(arguments: NIfTIGolden.names.filter { $0.hasSuffix(".nii") })
  func untouchedImageComesBackByteForByte(_ name: String) throws {
    let folder = try TemporaryFolder()
    let path = try NIfTIGolden.path(name)
    try NIfTIWriter.write(NIfTIImage(contentsOf: path), to: folder.file("copy.nii"))
    #expect(try content(of: folder.file("copy.nii")) == content(of: path))
  }

  @Test(arguments: NIfTIGolden.names)
  func compressedImageHoldsTheSame(_ name: String) throws {
    let folder = try TemporaryFolder()
    let image = try NIfTIImage(contentsOf: NIfTIGolden.path(name))
    try NIfTIWriter.write(image, to: folder.file("copy.nii.gz"))
    #expect(try content(of: folder.file("copy.nii.gz")).prefix(8) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0])
    let copy = try NIfTIImage(contentsOf: folder.file("copy.nii.gz"))
    #expect(copy.header == image.header && copy.extensions == image.extensions && copy.data == image.data)
  }

  @Test(arguments: NIfTIGolden.names)
  func maskKeepsGeometryUnitsCodesAndDescription(_ name: String) throws {
    let folder = try TemporaryFolder()
    let source = try NIfTIImage(contentsOf: NIfTIGolden.path(name)).header
    let size = source.size
    let mask = LabelVolume(
      size: size, geometry: try source.geometry(), labels: (0..<size.count).map { UInt8($0 % 3) })
    try NIfTIWriter.write(labels: mask, like: source, to: folder.file("mask.nii.gz"))
    let image = try NIfTIImage(contentsOf: folder.file("mask.nii.gz"))
    let header = image.header
    #expect(try image.image().labelVolume() == mask)
    #expect(header.dataType == .uint8 && header.bitpix == 8 && header.dims == size.extents)
    #expect(header.sclSlope == 1 && header.sclInter == 0)
    #expect(header.version == source.version && header.byteOrder == source.byteOrder)
    guard source.version == .one else { return }
    for offset in 0..<348 where !Self.changeable.contains(offset) {
      #expect(header.bytes[offset] == source.bytes[offset], "byte \(offset)")
    }
  }

  @Test func whatSpokeOfTheIntensitiesIsCleared() throws {
    let folder = try TemporaryFolder()
    var bytes = try content(of: NIfTIGolden.path("sform.nii"))
    for offset in [56, 60, 64, 68, 124, 128, 328] { bytes[offset] = 0x40 }
    let source = try NIfTIHeader.headerOnly(folder.write(bytes, to: "a.nii"))
    #expect(source.intentCode == 64 && source.intentName == "@" && source.calMax > 0 && source.calMin > 0)
    let mask = LabelVolume(
      size: source.size, geometry: try source.geometry(), labels: Array(repeating: 1, count: 24))
    try NIfTIWriter.write(labels: mask, like: source, to: folder.file("mask.nii"))
    let header = try NIfTIHeader.headerOnly(folder.file("mask.nii"))
    #expect(header.intentCode == 0 && header.intentName == "" && header.calMax == 0 && header.calMin == 0)
    #expect(header.bytes[56..<68].allSatisfy { $0 == 0 })
  }

  @Test(arguments: NIfTIGolden.names)
  func intensitiesComeBack(_ name: String) throws {
    let folder = try TemporaryFolder()
    let image = try NIfTIImage(contentsOf: NIfTIGolden.path(name))
    let volume = try image.image().volume()
    try NIfTIWriter.write(volume: volume, like: image.header, to: folder.file("a.nii"))
    let written = try NIfTIImage(contentsOf: folder.file("a.nii"))
    #expect(written.header.dataType == .float32)
    #expect(try written.image().volume() == volume)
  }

  @Test(arguments: VoxelType.allCases)
  func everyTypeIsWritten(_ type: VoxelType) throws {
    let folder = try TemporaryFolder()
    let volume = Volume(
      size: GridSize(2, 1, 1), channelCount: 2, geometry: Geometry(spacing: [1, 2, 3]),
      voxels: [0, 1, 100, 127])
    for name in ["float32_be_1.nii", "float32_le_2.nii"] {
      var bytes = try content(of: NIfTIGolden.path(name))
      let isOne = name.hasSuffix("1.nii")
      for (axis, extent) in [2, 1, 1].enumerated() {
        if isOne { bytes[42 + 2 * axis + 1] = UInt8(extent) } else { bytes[24 + 8 * axis] = UInt8(extent) }
      }
      let header = try NIfTIHeader.headerOnly(folder.write(bytes, to: name))
      try NIfTIWriter.write(volume: volume, like: header, as: type, to: folder.file("b.nii"))
      let written = try NIfTIImage(contentsOf: folder.file("b.nii"))
      #expect(written.header.dataType == type && written.header.dims == [2, 1, 1, 2])
      #expect(try written.image().volume().voxels == volume.voxels)
    }
  }

  @Test func valuesThatDoNotFitAreRefused() throws {
    let folder = try TemporaryFolder()
    let geometry = Geometry(spacing: [1, 1, 1])
    for value in [Float.nan, 40_000, -Float.infinity] {
      let volume = Volume(size: GridSize(1, 1, 1), geometry: geometry, voxels: [value])
      let header = NIfTIHeader(dataType: .int16, size: volume.size, geometry: geometry)
      #expect(throws: ImageError.self) {
        try NIfTIWriter.write(volume: volume, like: header, as: .int16, to: folder.file("a.nii"))
      }
    }
    #expect(!FileManager.default.fileExists(atPath: folder.file("a.nii")))
  }

  @Test func equalImagesGiveEqualFiles() throws {
    let folder = try TemporaryFolder()
    let image = try NIfTIImage(contentsOf: NIfTIGolden.path("float32_le_1.nii"))
    try NIfTIWriter.write(image, to: folder.file("a.nii.gz"))
    try NIfTIWriter.write(image, to: folder.file("b.nii.gz"))
    #expect(try content(of: folder.file("a.nii.gz")) == content(of: folder.file("b.nii.gz")))
  }

  @Test func otherGridIsRefused() throws {
    let folder = try TemporaryFolder()
    let header = try NIfTIHeader.headerOnly(NIfTIGolden.path("sform.nii"))
    let mask = LabelVolume(
      size: GridSize(3, 4, 2), geometry: try header.geometry(), labels: Array(repeating: 0, count: 24))
    #expect(throws: ImageError.self) {
      try NIfTIWriter.write(labels: mask, like: header, to: folder.file("a.nii"))
    }
  }

  @Test func failureLeavesTheOldFileAndNoOther() throws {
    let folder = try TemporaryFolder()
    try folder.write([1, 2, 3], to: "mask.nii/old")  // a folder where the mask should go
    let image = try NIfTIImage(contentsOf: NIfTIGolden.path("sform.nii"))
    #expect(throws: ImageError.self) { try NIfTIWriter.write(image, to: folder.file("mask.nii")) }
    #expect(throws: ImageError.self) { try NIfTIWriter.write(image, to: folder.file("absent/mask.nii")) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["mask.nii"])
    #expect(try content(of: folder.file("mask.nii/old")) == [1, 2, 3])
  }
}

@Suite struct NIfTIHeaderCreationTests {
  private func geometry(_ quaternion: [Double], _ spacing: [Double], flipping: Bool) -> Geometry {
    let (a, b, c, d) = (quaternion[0], quaternion[1], quaternion[2], quaternion[3])
    let rotation: [[Double]] = [
      [1 - 2 * (c * c + d * d), 2 * (b * c - a * d), 2 * (b * d + a * c)],
      [2 * (b * c + a * d), 1 - 2 * (b * b + d * d), 2 * (c * d - a * b)],
      [2 * (b * d - a * c), 2 * (c * d + a * b), 1 - 2 * (b * b + c * c)],
    ]
    let scale = [spacing[0], spacing[1], flipping ? -spacing[2] : spacing[2]]
    let affine = (0..<3).map { row -> [Double] in
      let scaled: [Double] = (0..<3).map { rotation[row][$0] * scale[$0] }
      return scaled + [Double(10 * row) - 7]
    }
    return Geometry(spacing: spacing, affine: affine)
  }

  private func expectEqual(_ left: Geometry, _ right: Geometry, within tolerance: Double) {
    for (leftRow, rightRow) in zip(left.affine, right.affine) {
      for (leftValue, rightValue) in zip(leftRow, rightRow) {
        #expect(abs(leftValue - rightValue) < tolerance)
      }
    }
  }

  /// Both forms say the same, whichever quaternion component is the largest.
  @Test(arguments: 0..<40)
  func qformAndSformAgree(_ seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    var quaternion = (0..<4).map { _ in random.nextUnit() - 0.5 }
    quaternion[seed % 4] = seed % 8 < 4 ? 2 : -2
    let length = quaternion.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let expected = geometry(quaternion.map { $0 / length }, [0.8, 1.1, 1.3], flipping: seed % 3 == 0)
    let folder = try TemporaryFolder()
    let header = NIfTIHeader(dataType: .uint8, size: GridSize(2, 3, 4), geometry: expected, descrip: "made")
    #expect(header.descrip == "made" && header.qformCode == 1 && header.sformCode == 1)
    expectEqual(try header.geometry(), expected, within: 2e-6)
    var bytes = header.bytes
    bytes[254] = 0  // sform_code
    let qform = try NIfTIHeader.headerOnly(folder.write(bytes, to: "a.nii"))
    #expect(qform.sformCode == 0)
    // The file leaves out the scalar part, so rounding to 32 bits weighs more when that part is small.
    expectEqual(try qform.geometry(), expected, within: 2e-4)
  }

  @Test func shearHasNoQform() throws {
    var sheared = Geometry(spacing: [1, 1, 1])
    sheared.affine[0][1] = 0.3
    let header = NIfTIHeader(dataType: .uint8, size: GridSize(2, 3, 4), geometry: sheared)
    #expect(header.qformCode == 0 && header.sformCode == 1)
  }

  @Test func longAxesNeedNIfTI2() throws {
    let geometry = Geometry(spacing: [1, 1, 1])
    #expect(NIfTIHeader(dataType: .uint8, size: GridSize(40_000, 1, 1), geometry: geometry).version == .two)
    #expect(NIfTIHeader(dataType: .uint8, size: GridSize(30_000, 1, 1), geometry: geometry).version == .one)
  }
}
