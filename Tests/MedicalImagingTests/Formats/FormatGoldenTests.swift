import Foundation
import MedicalImaging
import Testing

/// The files of other programs.
@Suite struct FormatGoldenTests {
  @Test func goldensCoverEveryType() {
    for suffix in [".mha", ".nrrd"] {
      let types = FormatGolden.all.filter { $0.key.hasSuffix(suffix) }.map(\.value.type)
      #expect(Set(types).isSuperset(of: VoxelType.allCases.map(\.rawValue)))
    }
    #expect(FormatGolden.all.count >= 50)
  }

  @Test(arguments: FormatGolden.names)
  func readsWhatOthersRead(_ name: String) throws {
    let golden = try #require(FormatGolden.all[name])
    let path = FormatGolden.path(name)
    let (header, image) = (try ImageHeader(contentsOf: path), try Image(contentsOf: path))
    #expect(header.size.extents == golden.size && header.channelCount == golden.channels)
    #expect(header.voxelType.rawValue == golden.type)
    #expect(header.size == image.size && header.geometry == image.geometry)
    let affine = Array(golden.affine.prefix(3))
    #expect(image.geometry.isClose(to: Geometry(spacing: golden.spacing, affine: affine)))
    let expected = golden.voxels.split(separator: " ").compactMap { Double($0).map { Float($0) } }
    #expect(image.volume().voxels.count == golden.size.reduce(golden.channels, *))
    // 64-bit integers may round twice in the golden.
    let tolerance: Float = golden.type.hasSuffix("int64") ? 2e-7 : 0
    for (value, other) in zip(image.volume().voxels, expected) {
      #expect(abs(value - other) <= tolerance * abs(other))
    }
    #expect(expected.count == image.volume().voxels.count && image.remarks.isEmpty)
  }

  /// A mask and a volume like each golden, in each format: geometry and voxels come back.
  @Test(arguments: ImageFormat.allCases)
  func geometrySurvivesEveryChangeOfFormat(_ format: ImageFormat) throws {
    let folder = try TemporaryFolder()
    for name in FormatGolden.names {
      let image = try Image(contentsOf: FormatGolden.path(name))
      let size = image.size
      let mask = LabelVolume(
        size: size, geometry: image.geometry, labels: (0..<size.count).map { UInt8($0 % 5) })
      for suffix in format.suffixes {
        let path = folder.file("a" + suffix)
        for file in try format.files(of: mask, like: image.header, at: path) { try file.write() }
        let written = try Image(contentsOf: path)
        #expect(written.header.format == format && written.header.voxelType == .uint8)
        #expect(try written.labelVolume().labels == mask.labels)
        // A new NIfTI-1 header holds 32-bit floats.
        #expect(written.geometry.isClose(to: image.geometry), "\(name) \(suffix)")
        for file in try format.files(of: image.volume(), like: image.header, at: path) { try file.write() }
        let volume = try Image(contentsOf: path).volume()
        #expect(volume.voxels == image.volume().voxels && volume.geometry.isClose(to: image.geometry))
      }
    }
  }

  /// Writes for Goldens/check_written.py, which has SimpleITK and nibabel read the files.
  @Test(
    .enabled(
      if: ProcessInfo.processInfo.environment["WRITTEN_IMAGES"] != nil, "WRITTEN_IMAGES names no folder"))
  func writesForOthersToRead() throws {
    let folder = try #require(ProcessInfo.processInfo.environment["WRITTEN_IMAGES"])
    for name in FormatGolden.names {
      let image = try Image(contentsOf: FormatGolden.path(name))
      let mask = LabelVolume(
        size: image.size, geometry: image.geometry, labels: (0..<image.size.count).map { UInt8($0 % 5) })
      for format in ImageFormat.allCases {
        for suffix in format.suffixes {
          for file in try format.files(of: mask, like: image.header, at: "\(folder)/\(name)__mask\(suffix)") {
            try file.write()
          }
          let path = "\(folder)/\(name)__scan\(suffix)"
          for file in try format.files(of: image.volume(), like: image.header, at: path) { try file.write() }
        }
      }
    }
  }
}
