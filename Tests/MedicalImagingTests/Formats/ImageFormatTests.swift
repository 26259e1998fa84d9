import MedicalImaging
import Testing

@Suite struct ImageFormatTests {
  @Test(arguments: ImageFormat.allCases)
  func everyFormatReadsWhatItWrites(_ format: ImageFormat) throws {
    let folder = try TemporaryFolder()
    let size = GridSize(4, 3, 2)
    let geometry = Geometry(spacing: [1, 2, 3])
    let volume = Volume(
      size: size, channelCount: 2, geometry: geometry, voxels: (0..<48).map { Float($0) - 20 })
    let mask = LabelVolume(size: size, geometry: geometry, labels: (0..<24).map { UInt8($0 % 5) })
    for suffix in format.suffixes {
      let (scanPath, maskPath) = (folder.file("scan" + suffix), folder.file("mask" + suffix))
      try write(volume, as: .int16, format: format, to: scanPath)
      let scan = try Image(contentsOf: scanPath)
      #expect(scan.volume() == volume && scan.remarks.isEmpty)
      #expect(scan.header.format == format && scan.header.voxelType == .int16)
      for file in try format.files(of: mask, like: scan.header, at: maskPath) { try file.write() }
      #expect(try Image(contentsOf: maskPath).labelVolume() == mask)
      #expect(Case(imagePath: scanPath).name == "scan")
    }
    #expect(format.suffixes.contains(format.standardSuffix))
  }

  @Test func contentDecidesBeforeTheName() throws {
    let folder = try TemporaryFolder()
    let volume = Volume(size: GridSize(1, 1, 1), geometry: Geometry(spacing: [1, 1, 1]), voxels: [7])
    try write(volume, to: folder.file("a.nii"))
    let path = try folder.write(content(of: folder.file("a.nii")), to: "scan.image")
    #expect(try Image(contentsOf: path).volume() == volume)
  }

  @Test func unknownFilesAreNamed() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write([1, 2, 3], to: "notes.txt")
    #expect(throws: ImageError.unknownFormat(path: path)) { try Image(contentsOf: path) }
    #expect(throws: ImageError.unknownFormat(path: path)) { try ImageHeader(contentsOf: path) }
    #expect(isOneSentence("\(ImageError.unknownFormat(path: path))"))
    // The name says what the content should be.
    let damaged = try folder.write([1, 2, 3], to: "a.nii")
    #expect(throws: ImageError.truncated(path: damaged, expected: 348, actual: 3)) {
      try Image(contentsOf: damaged)
    }
    let empty = try folder.write([], to: "empty.nii.gz")
    #expect(throws: ImageError.empty(path: empty)) { try ImageHeader(contentsOf: empty) }
    let missing = folder.file("missing.mha")
    #expect(throws: ImageError.notFound(path: missing)) { try ImageHeader(contentsOf: missing) }
    #expect(
      isOneSentence("\(ImageError.empty(path: empty))")
        && isOneSentence("\(ImageError.notFound(path: missing))"))
    #expect(throws: ImageError.notRegularFile(path: folder.path)) { try Image(contentsOf: folder.path) }
  }

  @Test func namesEndInTheLongestSuffix() {
    #expect(ImageFormat.suffix(of: "/a.b/c.nii.gz") == ".nii.gz" && ImageFormat.suffix(of: "c.nii") == ".nii")
    #expect(ImageFormat.suffix(of: "/a/.nii") == nil && ImageFormat.suffix(of: "/a.nii/b") == nil)
    #expect(
      ImageFormat.suffixList.hasPrefix(".nii, .nii.gz, ") && ImageFormat.suffixList.hasSuffix(" or .nhdr"))
  }

  @Test func suffixesAreKnownInEitherCase() throws {
    #expect(
      ImageFormat.suffix(of: "A.NII.GZ") == ".NII.GZ"
        && Case(imagePath: "A.NII.GZ").maskFileName == "A.NII.GZ")
    #expect(ImageFormat(suffix: "NRRD") == .nrrd && ImageFormat(suffix: ".Mha") == .metaImage)
    #expect(ImageFormat(suffix: "nii.gz") == .nifti && ImageFormat(suffix: "png") == nil)
    let folder = try TemporaryFolder()
    let mask = LabelVolume(
      size: GridSize(1, 1, 1), geometry: Geometry(spacing: [1, 1, 1]), labels: [7])
    try write(mask, to: folder.file("M.NII.GZ"))
    #expect(try content(of: folder.file("M.NII.GZ")).prefix(2) == [0x1F, 0x8B])
    #expect(try Image(contentsOf: folder.file("M.NII.GZ")).labelVolume() == mask)
  }
}
