import MedicalImaging
import Testing

@Suite struct NIfTIPairTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func copy(_ name: String, to new: String) throws -> String {
    try folder.write(content(of: FormatGolden.path(name)), to: new)
  }

  @Test(arguments: [("a.hdr", "a.img"), ("A.HDR", "A.IMG"), ("b.hdr", "b.IMG")])
  func eitherFileNamesThePair(_ header: String, _ image: String) throws {
    let paths = [try copy("pair.hdr", to: header), try copy("pair.img", to: image)]
    let expected = try Image(contentsOf: FormatGolden.path("pair.hdr")).volume()
    for path in paths {
      #expect(try Image(contentsOf: path).volume() == expected)
      #expect(try ImageHeader(contentsOf: path).format == .niftiPair)
    }
  }

  @Test func oneOfTheTwoMayBeCompressed() throws {
    _ = try copy("gzipped.img.gz", to: "a.img.gz")
    let path = try copy("gzipped.hdr.gz", to: "a.hdr")
    #expect(
      try Image(contentsOf: path).volume() == Image(contentsOf: FormatGolden.path("gzipped.hdr.gz")).volume())
  }

  @Test func whatIsMissingIsNamed() throws {
    let header = try copy("pair.hdr", to: "a.hdr")
    let noImage = ImageError.notFound(path: folder.file("a.img"))
    #expect(throws: noImage) { try Image(contentsOf: header) }
    let image = try copy("pair.img", to: "b.img")
    let noHeader = ImageError.notFound(path: folder.file("b.hdr"))
    #expect(throws: noHeader) { try Image(contentsOf: image) }
    let other = try copy("pair.hdr", to: "a.nii")
    #expect(throws: ImageError.nifti(.pairedFiles(path: other))) { try Image(contentsOf: other) }
  }

  @Test func analyzeIsNamed() throws {
    var bytes = try content(of: FormatGolden.path("pair.hdr"))
    bytes.replaceSubrange(344..<348, with: [0, 0, 0, 0])
    let path = try folder.write(bytes, to: "a.hdr")
    #expect(throws: ImageError.nifti(.analyze(path: path))) { try Image(contentsOf: path) }
    #expect(isOneSentence("\(NIfTIError.analyze(path: path))"))
  }

  @Test func aFolderListsThePairOnce() {
    let names = [
      "a.hdr", "a.img", "b.img", "c.HDR", "c.IMG", "d.mhd", "d.raw", "e.nii", "f.txt", "g.hdr.gz", "g.img.gz",
    ]
    #expect(
      ImageFormat.imageNames(among: names) == ["a.hdr", "b.img", "c.HDR", "d.mhd", "e.nii", "g.hdr.gz"])
  }
}
