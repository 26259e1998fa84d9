import MedicalImaging
import Testing

@Suite struct NotANumberTests {
  private let volume = Volume(
    size: GridSize(2, 2, 1), geometry: Geometry(spacing: [1, 1, 1]), voxels: [.nan, 1, -.infinity, 2])

  @Test func onlyWhatIsNotANumberIsReplaced() {
    #expect(volume.replacingNotANumber(by: -1000).voxels == [-1000, 1, -.infinity, 2])
    #expect(volume.replacingNotANumber(by: nil).nonFiniteVoxelCount == 2)
  }
}
