import MedicalImaging
import Testing

@Suite struct StoredVolumeTests {
  private let size = GridSize(3, 4, 5)

  /// Two channels, each in a file of its own type.
  private func image() throws -> (image: Image, volume: Volume) {
    let folder = try TemporaryFolder()
    let geometry = Geometry(spacing: [1, 2, 3])
    let images = try [VoxelType.int16, .float32].enumerated().map { index, type in
      let channel = Volume(
        size: size, geometry: geometry, voxels: (0..<size.count).map { Float($0 * (index + 1) - 7) })
      let path = folder.file("\(index).nii.gz")
      let header = ImageHeader(size: size, geometry: geometry, voxelType: type, format: .nifti)
      for file in try ImageFormat.nifti.files(of: channel, like: header, as: type, at: path) {
        try file.write()
      }
      return try Image(contentsOf: path)
    }
    let image = try Image(joining: images)
    return (image, image.volume())
  }

  @Test func intensitiesAreThoseOfTheVolume() throws {
    let (image, volume) = try image()
    #expect(image.storedVolume.volume() == volume)
    #expect(image.storedVolume.nonFiniteVoxelCount == 0)
  }

  @Test(arguments: AxisOrder.all)
  func seenInAnOrderItIsTheRearrangedVolume(_ order: AxisOrder) throws {
    let (image, volume) = try image()
    let arrangement = AxisRearrangement(from: order, to: .canonical)
    #expect(image.storedVolume.seen(arrangement).volume() == volume.rearranged(by: arrangement))
    #expect(StoredVolume(volume).seen(arrangement).volume() == volume.rearranged(by: arrangement))
  }

  @Test func whatIsNotANumberIsReplaced() {
    let volume = Volume(
      size: GridSize(2, 1, 2), geometry: Geometry(spacing: [1, 1, 1]), voxels: [.nan, 1, -.infinity, 2])
    #expect(StoredVolume(volume).nonFiniteVoxelCount == 2)
    let seen = StoredVolume(volume).seen(.identity, notANumber: 9)
    #expect(seen.volume().voxels == [9, 1, -.infinity, 2] && seen.nonFiniteVoxelCount == 1)
  }
}
