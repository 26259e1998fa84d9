import MedicalImaging
import Testing

@Suite struct NRRDTests {
  private let folder: TemporaryFolder
  private static let lines = ["type: uint8", "dimension: 3", "sizes: 4 3 2", "encoding: raw"]

  init() throws { folder = try TemporaryFolder() }

  /// Writes a file with some lines replaced, or added, and returns its path.
  private func file(_ replaced: String..., voxels: [UInt8] = Array(0..<24), magic: String = "NRRD0004") throws
    -> String
  {
    let fields = replaced.map { $0.prefix { $0 != ":" } + ":" }
    let lines =
      [magic] + Self.lines.filter { line in !fields.contains { line.hasPrefix($0) } } + replaced + [""]
    return try folder.write(Array(lines.map { $0 + "\n" }.joined().utf8) + voxels, to: "a.nrrd")
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
      ("type: block", "integers or floats"), ("dimension: 0", "from 1"), ("dimension: 2", "2 whole numbers"),
      ("dimension: 17", "1 to 16"), ("sizes: 4 3 -2", "extents from 1"),
      ("sizes: 9999 9999 9999", "more than the"),
      ("sizes: 40 30 20", "truncated"), ("type: short", "endian"), ("encoding: bzip2", "raw or gzip"),
      ("encoding: hex", "raw or gzip"), ("encoding: gzip", "damaged"),
      ("space: RAST", "left-posterior-superior"),
      ("space dimension: 4", "three dimensions"), ("space directions: (1,0,0) (0,1,0)", "3 vectors"),
      ("space directions: (1,0,0) (0,1,0) (0,0,z)", "vectors such as"), ("spacings: 1 2", "3 numbers"),
      ("space directions: (1,0,0) (0,1,0) (0,1)", "3 numbers"),
      ("spacings: 1 0 2", "no invertible transform"),
      ("space directions: (1,0,0) (0,1,0) (1,1,0)", "no invertible transform"), ("byte skip: -2", "from -1"),
      ("byte skip: 99", "truncated"), ("line skip: 23", "truncated"),
      ("line skip: 9223372036854775807", "truncated"),
      ("byte skip: 9223372036854775807", "truncated"),
      ("kinds: domain list vector", "split the image"),
      ("data file: LIST", "join the slices"), ("data file: x%03d.raw 1 9 1", "join the slices"),
      ("data file: /x.raw", "not in its folder"), ("data file: ../x.raw", "not in its folder"),
    ]
    for (line, part) in cases { #expect(sentence(try file(line)).contains(part), "\(line)") }
    #expect(sentence(try file("space: LPS", "space: LPS")).contains("twice"))
    #expect(sentence(try file("type: short", "endian: middle")).contains("little or big"))
    #expect(sentence(try file("encoding: gzip", "byte skip: -1")).contains("byte skip"))
    #expect(sentence(try file(magic: "NRRD0006")).contains("version 1 to 5"))
    let series = ["dimension: 4", "sizes: 2 2 3 2"]
    #expect(
      sentence(try file(series[0], series[1], "kinds: domain domain domain time")).contains("three axes"))
  }

  @Test func whatDoesNotMatterIsPassedOver() throws {
    let path = try file(
      "# a comment: of someone", "a key:=a value", "content: x", "SPACE: LPS", "units: \"mm\"")
    #expect(try Image(contentsOf: path).volume().voxels == (0..<24).map { Float($0) })
    #expect(try ImageHeader(contentsOf: path).details.map(\.value) == ["LPS, read as LPS"])
  }

  @Test func unknownWorldsCountAsLPSAndSaySo() throws {
    let details = try ImageHeader(contentsOf: file("space: scanner-xyz")).details
    #expect(details.map(\.value) == ["scanner-xyz, read as LPS"])
  }

  @Test func theNormalOfASliceInSpaceIsAtRightAngles() throws {
    let path = try file(
      "dimension: 2", "sizes: 4 6", "space: RAS", "space directions: (2,0,0) (0,0,3)", "space origin: (1,2,3)"
    )
    let image = try Image(contentsOf: path)
    #expect(image.size == GridSize(4, 6, 1) && image.geometry.spacing == [2, 3, 1])
    #expect(image.geometry.affine == [[2, 0, 0, 1], [0, 0, -1, 2], [0, 3, 0, 3]])
  }

  @Test func dataBehindTheVoxelsAreReported() throws {
    #expect(try Image(contentsOf: file(voxels: Array(0..<25))).remarks == [.trailingData])
    #expect(try Image(contentsOf: file()).remarks.isEmpty)
  }

  @Test func aFileCompressedAsAWholeIsNamed() throws {
    let plain = try content(of: file())
    try folder.write(plain, to: "b.nrrd")
    let geometry = Geometry(spacing: [1, 1, 1])
    let labels = LabelVolume(size: GridSize(plain.count, 1, 1), geometry: geometry, labels: plain)
    let like = ImageHeader(size: labels.size, geometry: geometry, voxelType: .uint8, format: .nrrd)
    let zipped = try ImageFormat.nrrd.files(of: labels, like: like, at: folder.file("c.nhdr"))[0]
    let path = try folder.write(zipped.contents, to: "b.nrrd.gz")
    #expect(sentence(path).contains("gunzip"))
  }
}
