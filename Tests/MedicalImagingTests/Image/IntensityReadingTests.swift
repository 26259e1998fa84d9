import Foundation
import MedicalImaging
import Testing

/// Scans that are read for their intensities alone.
@Suite struct IntensityReadingTests {
  /// To the bit, whatever a file stores, scales and swaps.
  @Test(arguments: FormatGolden.names.map { FormatGolden.path($0) })
  func areThoseOfTheStoredVoxels(_ path: String) throws {
    let (stored, narrowed) = (try Image(contentsOf: path), try Image(intensitiesOf: [path]))
    #expect(bits(narrowed.volume()) == bits(stored.volume()))
    #expect(bits(narrowed.storedVolume.volume()) == bits(stored.volume()))
    #expect(narrowed.remarks == stored.remarks && narrowed.header.voxelType == stored.header.voxelType)
  }

  @Test(arguments: NIfTIGolden.names)
  func areThoseOfTheStoredVoxelsOfNIfTI(_ name: String) throws {
    try areThoseOfTheStoredVoxels(try NIfTIGolden.path(name))
  }

  private func bits(_ volume: Volume) -> [UInt32] { volume.voxels.map(\.bitPattern) }

  /// More voxels than are read at once, in whole and cut short.
  @Test(arguments: [".nii", ".nii.gz", ".hdr", ".mha", ".nrrd"])
  func areReadPieceByPiece(_ suffix: String) throws {
    let folder = try TemporaryFolder()
    let size = GridSize(40, 41, 42)
    let voxels = (0..<size.count).map { Float($0) / 3 }
    let path = folder.file("a" + suffix)
    let volume = Volume(size: size, geometry: Geometry(spacing: [1, 2, 3]), voxels: voxels)
    try write(volume, as: .float64, format: ImageFormat(ofName: path), to: path)
    #expect(try Image(intensitiesOf: [path]).volume().voxels == voxels)
    let data = suffix == ".hdr" ? folder.file("a.img") : path
    let bytes = try Data(contentsOf: URL(fileURLWithPath: data))
    try bytes.dropLast(4).write(to: URL(fileURLWithPath: data))
    #expect(throws: ImageError.self) { try Image(intensitiesOf: [path]) }
  }
}
