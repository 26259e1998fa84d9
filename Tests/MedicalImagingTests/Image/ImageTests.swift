import MedicalImaging
import Testing

/// Scans in one file and in several.
@Suite struct ImageTests {
  private static let size = GridSize(4, 3, 2)
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Writes one channel and returns its path.
  private func channel(
    _ name: String, from first: Float, _ geometry: Geometry = Geometry(spacing: [1, 2, 3]),
    size: GridSize = size, as type: VoxelType = .float32
  ) throws -> String {
    let voxels = (0..<size.count).map { first + Float($0) }
    try write(Volume(size: size, geometry: geometry, voxels: voxels), as: type, to: folder.file(name))
    return folder.file(name)
  }

  @Test func channelsInFilesOfTheirOwnBecomeOneScan() throws {
    let paths = [
      try channel("a_0000.nii.gz", from: 0, as: .int16), try channel("a_0001.nii", from: 100.5),
    ]
    let image = try Image(contentsOf: paths)
    #expect(image.channelCount == 2 && image.size == Self.size)
    #expect(image.header.provenance.path == paths[0] && image.header.voxelType == .int16)
    let volume = image.volume()
    #expect(volume.voxels == (0..<24).map { Float($0) } + (0..<24).map { 100.5 + Float($0) })
    #expect(volume.geometry == Geometry(spacing: [1, 2, 3]))
    // A mask is written like the scan's first file.
    let mask = LabelVolume(size: image.size, geometry: image.geometry, labels: Array(repeating: 1, count: 24))
    let files = try image.header.format.files(of: mask, like: image.header, at: folder.file("m.nii.gz"))
    for file in files { try file.write() }
    #expect(try Image(contentsOf: folder.file("m.nii.gz")).labelVolume() == mask)
  }

  @Test func channelsOnDifferentGridsAreRefused() throws {
    let first = try channel("a.nii", from: 0)
    var shifted = Geometry(spacing: [1, 2, 3])
    shifted.affine[1][3] = 4
    var turned = Geometry(spacing: [1, 2, 3])
    turned.affine = [[0, -2, 0, 0], [1, 0, 0, 0], [0, 0, 3, 0]]
    let others = [
      (try channel("b.nii", from: 0, size: GridSize(4, 3, 3)), "4x3x3 voxels, not 4x3x2"),
      (
        try channel("c.nii", from: 0, Geometry(spacing: [1, 2, 2])),
        "spacing 1.0x2.0x2.0 mm, not 1.0x2.0x3.0"
      ),
      (try channel("d.nii", from: 0, shifted), "first voxel at (0.0, 4.0, 0.0) mm, not (0.0, 0.0, 0.0)"),
      (try channel("e.nii", from: 0, turned), "axes turned by 90.0 degrees"),
    ]
    for (path, difference) in others {
      let error = ImageError.channelGridMismatch(path: path, first: first, difference: difference)
      #expect(throws: error) { try Image(contentsOf: [first, path]) }
      #expect(isOneSentence("\(error)"))
    }
  }

  /// The same voxels in space in another order, in every width of voxels and either byte order: the scan is that of files in one
  /// order.
  @Test(arguments: [VoxelType.uint8, .int16, .float32, .float64])
  func channelsInOtherOrdersAreBroughtToTheFirsts(_ type: VoxelType) throws {
    let first = try channel("a.nii", from: 0)
    let wanted = try Image(contentsOf: [first, try channel("b.nii", from: 100)]).volume()
    let stored = try Image(contentsOf: folder.file("b.nii")).volume()
    for order in AxisOrder.all {
      let turned = stored.rearranged(by: AxisRearrangement(from: .canonical, to: order))
      try write(turned, as: type, to: folder.file("c.nii.gz"))
      let image = try Image(contentsOf: [first, folder.file("c.nii.gz")])
      #expect(image.volume() == wanted && image.size == Self.size, "\(order)")
    }
  }

  @Test func headersTellWhatImagesTell() throws {
    let path = try channel("a.nii.gz", from: 0, as: .uint16)
    let (header, image) = (try ImageHeader(contentsOf: path), try Image(contentsOf: path))
    #expect(header.size == image.size && header.geometry == image.geometry)
    #expect(header.voxelType == .uint16 && header.format == .nifti && header.provenance.path == path)
    #expect(header.formatDescription == "NIfTI-1, littleEndian endian, uint16")
    #expect(header.details.map(\.name) == ["codes", "scaling"])
  }
}
