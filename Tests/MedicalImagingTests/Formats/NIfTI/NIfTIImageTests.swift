import Foundation
import MedicalImaging
import Testing

@Suite struct NIfTIImageTests {
  @Test func goldensCoverEveryDataType() {
    let types = Set(NIfTIGolden.all.values.map(\.dtype))
    #expect(types == Set(VoxelType.allCases.map(\.description)))
    #expect(NIfTIGolden.all.count >= 50)
  }

  @Test(arguments: NIfTIGolden.names)
  func readsWhatNibabelReads(_ name: String) throws {
    let golden = try #require(NIfTIGolden.all[name])
    let image = try NIfTIImage(contentsOf: NIfTIGolden.path(name))
    let header = image.header
    #expect(header.dims == golden.dims)
    #expect(header.dataType.description == golden.dtype)
    #expect((header.byteOrder == .bigEndian) == golden.bigEndian)
    #expect(header.version.rawValue == golden.version)
    #expect(header.descrip == golden.descrip)
    #expect(header.qformCode == golden.qformCode && header.sformCode == golden.sformCode)
    #expect(header.spatialUnit == .millimetre && header.temporalUnitCode == 8)
    #expect(!image.hasTrailingData)

    let volume = try image.image().volume()
    for (row, goldenRow) in zip(volume.geometry.affine, golden.affine) {
      for (value, goldenValue) in zip(row, goldenRow) { #expect(abs(value - goldenValue) < 1e-6) }
    }
    for (value, goldenValue) in zip(volume.geometry.spacing, golden.spacing) {
      #expect(abs(value - goldenValue) < 1e-6)
    }
    #expect(volume.geometry.orientation == golden.orientation)
    #expect(volume.voxels.count == golden.voxels.count)
    // 64-bit integers and scaled voxels may round twice in the golden.
    let tolerance: Float = golden.dtype.hasSuffix("int64") || name.hasPrefix("scaled") ? 2e-7 : 0
    for (value, goldenValue) in zip(volume.voxels, golden.voxels) {
      #expect(abs(value - goldenValue) <= tolerance * abs(goldenValue))
    }
  }

  @Test(arguments: ["channels.nii.gz", "vector.nii"])
  func lastAxisIsTheChannels(_ name: String) throws {
    let volume = try NIfTIImage(contentsOf: NIfTIGolden.path(name)).image().volume()
    #expect(volume.size == GridSize(4, 3, 2))
    #expect(volume.channelCount == 3)
  }

  @Test func trailingAxesOfOneAreNoChannels() throws {
    let volume = try NIfTIImage(contentsOf: NIfTIGolden.path("trailing_ones.nii")).image().volume()
    #expect(volume.channelCount == 1)
  }

  @Test func headerOnlyEqualsTheImagesHeader() throws {
    for name in ["compressed.nii.gz", "float32_be_2.nii"] {
      let path = try NIfTIGolden.path(name)
      #expect(try NIfTIHeader.headerOnly(path) == NIfTIImage(contentsOf: path).header)
    }
  }

  @Test func extensionsAreKept() throws {
    let image = try NIfTIImage(contentsOf: NIfTIGolden.path("extension.nii"))
    #expect(image.extensions.count == 4 + 32)
    #expect(String(decoding: image.extensions, as: UTF8.self).contains("a comment"))
  }

  @Test func unitsBecomeMillimetres() throws {
    let folder = try TemporaryFolder()
    var bytes = try content(of: NIfTIGolden.path("sform.nii"))
    let inMillimetres = try NIfTIImage(contentsOf: NIfTIGolden.path("sform.nii")).image().volume().geometry
    for (unit, factor) in [(1, 1000.0), (3, 0.001), (0, 1.0)] {
      bytes[123] = UInt8(unit)
      let geometry = try NIfTIImage(contentsOf: folder.write(bytes, to: "a.nii")).image().volume().geometry
      #expect(abs(geometry.spacing[1] - factor * inMillimetres.spacing[1]) < 1e-6 * factor)
      #expect(abs(geometry.affine[0][3] - factor * inMillimetres.affine[0][3]) < 1e-6 * factor)
    }
  }

  @Test func nonFiniteVoxelsAreCounted() throws {
    let folder = try TemporaryFolder()
    var bytes = try content(of: NIfTIGolden.path("float32_le_1.nii"))
    bytes.replaceSubrange(352..<356, with: [0, 0, 0xC0, 0x7F])  // NaN
    bytes.replaceSubrange(360..<364, with: [0, 0, 0x80, 0xFF])  // -infinity
    let volume = try NIfTIImage(contentsOf: folder.write(bytes, to: "a.nii")).image().volume()
    #expect(volume.nonFiniteVoxelCount == 2)
    #expect(
      try NIfTIImage(contentsOf: NIfTIGolden.path("float32_le_1.nii")).image().volume().nonFiniteVoxelCount
        == 0)
  }

  @Test func textHidesControlCharacters() throws {
    let folder = try TemporaryFolder()
    var bytes = try content(of: NIfTIGolden.path("sform.nii"))
    bytes[148] = 0x1B
    #expect(try NIfTIHeader.headerOnly(folder.write(bytes, to: "a.nii")).descrip == "\u{FFFD}olden")
  }
}

@Suite struct LabelVolumeReadingTests {
  private func file(_ folder: TemporaryFolder, _ values: [Float], as type: VoxelType) throws -> String {
    let volume = Volume(
      size: GridSize(2, values.count / 2, 1), geometry: Geometry(spacing: [1, 1, 1]), voxels: values)
    let header = NIfTIHeader(dataType: type, size: volume.size, geometry: volume.geometry)
    try NIfTIWriter.write(volume: volume, like: header, as: type, to: folder.file("m.nii"))
    return folder.file("m.nii")
  }

  @Test(arguments: [VoxelType.uint8, .int16, .uint16, .int64, .float32, .float64])
  func wholeNumbersAreLabels(_ type: VoxelType) throws {
    let folder = try TemporaryFolder()
    let path = try file(folder, [0, 1, 2, 255], as: type)
    #expect(try NIfTIImage(contentsOf: path).image().labelVolume().labels == [0, 1, 2, 255])
  }

  @Test(arguments: [0.5, -1, 256, Float.infinity])
  func anyOtherValueIsNamed(_ value: Float) throws {
    let folder = try TemporaryFolder()
    let path = try file(folder, [0, 1, 2, value], as: .float32)
    #expect(throws: ImageError.invalidLabel(path: path, value: Double(value), i: 1, j: 1, k: 0)) {
      try NIfTIImage(contentsOf: path).image().labelVolume()
    }
  }

  @Test func scalingAppliesToLabels() throws {
    let folder = try TemporaryFolder()
    var bytes = try content(of: file(folder, [0, 1, 2, 3], as: .uint8))
    bytes.replaceSubrange(112..<116, with: [0, 0, 0, 0x40])  // slope 2
    let path = try folder.write(bytes, to: "scaled.nii")
    #expect(try NIfTIImage(contentsOf: path).image().labelVolume().labels == [0, 2, 4, 6])
  }

  @Test func severalChannelsAreNoMask() throws {
    let path = try NIfTIGolden.path("channels.nii.gz")
    #expect(throws: ImageError.multiChannelLabels(path: path, channelCount: 3)) {
      try NIfTIImage(contentsOf: path).image().labelVolume()
    }
  }
}
