import MedicalImaging
import Testing

@Suite struct MetaImageTests {
  private let folder: TemporaryFolder
  private static let lines = [
    "ObjectType = Image", "NDims = 3", "BinaryData = True", "CompressedData = False",
    "ElementSpacing = 1 1 1",
    "DimSize = 4 3 2", "ElementType = MET_UCHAR",
  ]

  init() throws { folder = try TemporaryFolder() }

  /// Writes a file with one line replaced, or added, and returns its path.
  private func file(
    _ line: String? = nil, data: String = "LOCAL", voxels: [UInt8] = Array(0..<24), name: String = "a.mha"
  ) throws -> String {
    var lines = Self.lines
    if let line {
      let field = line.prefix { $0 != " " }
      lines.removeAll { $0.hasPrefix(field + " ") }
      lines.append(line)
    }
    let text = (lines + ["ElementDataFile = \(data)"]).map { $0 + "\n" }.joined()
    return try folder.write(Array(text.utf8) + voxels, to: name)
  }

  private func sentence(_ path: String) -> String {
    do {
      _ = try Image(contentsOf: path)
      return ""
    } catch {
      #expect(isOneSentence("\(error)"))
      return "\(error)"
    }
  }

  @Test func whatIsNotReadIsNamed() throws {
    let cases = [
      ("DimSize = 4 3", "3 whole numbers"), ("DimSize = 4 3 0", "extents from 1"),
      ("DimSize = 4 3 x", "whole numbers"),
      ("DimSize = 100000 100000 100000", "more than the"), ("DimSize = 40 30 20", "truncated"),
      ("NDims = 1", "from 2"), ("ObjectType = Tube", "ObjectType"),
      ("ElementType = MET_STRING", "ElementType"),
      ("ElementSpacing = 0 1 1", "no invertible transform"),
      ("ElementSpacing = nan 1 1", "no invertible transform"),
      ("TransformMatrix = 1 0 0 1 0 0 0 0 1", "no invertible transform"), ("Offset = 1 2", "3 numbers"),
      ("BinaryData = maybe", "True or False"), ("HeaderSize = -2", "from -1"),
      ("CompressedData = True", "damaged"),
      ("ElementNumberOfChannels = 0", "from 1"), ("ElementNumberOfChannels = 2", "truncated"),
    ]
    for (line, part) in cases { #expect(sentence(try file(line)).contains(part), "\(line)") }
    #expect(sentence(try file("DimSize = 4 3 2\nDimSize = 4 3 2")).contains("twice"))
    let four = "NDims = 4\nDimSize = 4 3 1 2\nElementSpacing = 1 1 1 1"
    let header = "ObjectType = Image\nElementType = MET_UCHAR\n\(four)\nElementDataFile = LOCAL\n"
    #expect(sentence(try folder.write(Array(header.utf8), to: "a.mha")).contains("three axes"))
    #expect(
      sentence(try folder.write(Array("ObjectType = Image\n".utf8), to: "a.mha")).contains("ElementDataFile"))
    #expect(
      sentence(try folder.write([UInt8](repeating: 65, count: 3 << 20), to: "a.mha")).contains("no end"))
  }

  @Test func trailingAxesOfOneAreDropped() throws {
    let header =
      "NDims = 4\nDimSize = 4 3 2 1\nOffset = 1 2 3 4\nElementSpacing = 1 2 3 4\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n"
    let image = try Image(contentsOf: folder.write(Array(header.utf8) + Array(0..<24), to: "a.mha"))
    #expect(image.size == GridSize(4, 3, 2) && image.geometry.spacing == [1, 2, 3])
    #expect(image.geometry.affine == [[-1, 0, 0, -1], [0, -2, 0, -2], [0, 0, 3, 3]])
  }

  @Test(arguments: ["/etc/hostname", "../b.raw", "sub/../../b.raw", ".."])
  func dataFilesOutsideTheFolderAreRefused(_ name: String) throws {
    let path = try file(data: name, voxels: [], name: "a.mhd")
    #expect(throws: ImageError.outsideFolder(path: path, dataFile: name)) { try Image(contentsOf: path) }
    #expect(isOneSentence("\(ImageError.outsideFolder(path: path, dataFile: name))"))
  }

  @Test func dataFilesMayLieInAFolderBelow() throws {
    try folder.write(Array(0..<24), to: "sub/b.raw")
    #expect(
      try Image(contentsOf: file(data: "./sub/b.raw", voxels: [], name: "a.mhd")).volume().voxels[23] == 23)
  }

  @Test(arguments: ["LIST", "LIST 2", "slice%03d.raw 1 2 1", "%d.raw 1 2"])
  func severalDataFilesAreRefused(_ name: String) throws {
    #expect(sentence(try file(data: name, voxels: [], name: "a.mhd")).contains("join the slices"))
  }

  @Test func missingDataFilesAreNamed() throws {
    let path = try file(data: "b.raw", voxels: [], name: "a.mhd")
    let missing = ImageError.notFound(path: folder.file("b.raw"))
    #expect(throws: missing) { try Image(contentsOf: path) }
    #expect(try ImageHeader(contentsOf: path).size == GridSize(4, 3, 2))
  }

  @Test func textThatIsNoVoxelIsNamed() throws {
    let text = (0..<23).map { "\($0)" }.joined(separator: " ")
    #expect(
      sentence(try file("BinaryData = False", voxels: Array((text + " 300").utf8))).contains("no uint8"))
    #expect(sentence(try file("BinaryData = False", voxels: Array(text.utf8))).contains("truncated"))
  }

  @Test func masksAreCompressedAndIntensitiesAreNot() throws {
    let size = GridSize(30, 20, 10)
    let mask = LabelVolume(
      size: size, geometry: Geometry(spacing: [1, 1, 1]), labels: Array(repeating: 1, count: size.count))
    try write(mask, format: .metaImage, to: folder.file("m.mhd"))
    #expect(try content(of: folder.file("m.zraw")).count < 100)
    #expect(try Image(contentsOf: folder.file("m.mhd")).labelVolume() == mask)
    let volume = Volume(size: size, geometry: mask.geometry, voxels: Array(repeating: 1, count: size.count))
    let header = ImageHeader(size: size, geometry: mask.geometry, voxelType: .float32, format: .metaImage)
    let files = try ImageFormat.metaImage.files(of: volume, like: header, at: folder.file("V.MHD"))
    // The header comes last, so that it never names voxels that are not there.
    #expect(files.map(\.path) == [folder.file("V.raw"), folder.file("V.MHD")])
    #expect(files[0].contents.count == 4 * size.count)
  }
}
