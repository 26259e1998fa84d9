import Foundation
import MedicalImaging
import Testing

/// What other programs write that no strict reader would read.
@Suite struct NIfTIToleranceTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Copies a golden with other bytes at an offset.
  private func golden(_ name: String, _ changes: [(offset: Int, bytes: [UInt8])]) throws -> String {
    var bytes = try content(of: NIfTIGolden.path(name))
    for change in changes {
      bytes.replaceSubrange(change.offset..<change.offset + change.bytes.count, with: change.bytes)
    }
    return try folder.write(bytes, to: "a.nii")
  }

  private func bytes(_ number: Float) -> [UInt8] {
    withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) }
  }

  @Test func anExtentOfZeroBeyondSpaceIsOne() throws {
    let path = try golden("sform.nii", [(40, [4, 0]), (48, [0, 0])])
    let image = try Image(contentsOf: path)
    #expect(image.channelCount == 1)
    #expect(image.volume() == (try Image(contentsOf: NIfTIGolden.path("sform.nii")).volume()))
    #expect(throws: ImageError.self) { try Image(contentsOf: golden("sform.nii", [(46, [0, 0])])) }
  }

  @Test func anSformWithoutInverseGivesWayToTheQform() throws {
    let whole = try ImageHeader(contentsOf: NIfTIGolden.path("qform.nii"))
    let path = try golden("qform.nii", [(254, [1, 0]), (280, [UInt8](repeating: 0, count: 48))])
    let image = try Image(contentsOf: path)
    #expect(image.geometry == whole.geometry)
    #expect(image.remarks == [.secondGeometry(unusable: "sform", used: "qform")])
    // What is written like it does not pass the fault on.
    let mask = LabelVolume(
      size: image.size, geometry: image.geometry, labels: Array(repeating: 1, count: image.size.count))
    for file in try ImageFormat.nifti.files(of: mask, like: image.header, at: folder.file("m.nii")) {
      try file.write()
    }
    let written = try NIfTIHeader.headerOnly(folder.file("m.nii"))
    #expect(written.sformCode == 0 && written.qformCode > 0)
    #expect(try written.geometry() == whole.geometry)
  }

  @Test func aSliceWithoutThicknessIsOneMillimetreThick() throws {
    let zero = bytes(0)
    for dims: [UInt8] in [[2, 0, 4, 0, 3, 0, 1, 0], [3, 0, 4, 0, 6, 0, 1, 0]] {
      let path = try golden("pixdim_only.nii", [(40, dims), (88, zero)])
      let image = try Image(contentsOf: path)
      #expect(image.geometry.spacing[2] == 1 && image.size.k == 1)
      let mask = LabelVolume(
        size: image.size, geometry: image.geometry, labels: Array(repeating: 1, count: image.size.count))
      for file in try ImageFormat.nifti.files(of: mask, like: image.header, at: folder.file("m.nii")) {
        try file.write()
      }
      #expect(try NIfTIHeader.headerOnly(folder.file("m.nii")).pixdim[3] == 1)
      #expect(try Image(contentsOf: folder.file("m.nii")).labelVolume().geometry == image.geometry)
    }
    #expect(throws: ImageError.self) { try Image(contentsOf: golden("pixdim_only.nii", [(88, zero)])) }
  }

  @Test(arguments: [
    [0, 0, 0], [0x1F], [0x1F, 0x8B], [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0xFF, 0xFF], [0x1F, 1, 2, 3],
  ])
  func whateverFollowsGzipIsIgnored(_ tail: [UInt8]) throws {
    let plain = try content(of: NIfTIGolden.path("compressed.nii.gz"))
    let image = try Image(contentsOf: folder.write(plain + tail, to: "a.nii.gz"))
    #expect(image.volume() == (try Image(contentsOf: NIfTIGolden.path("compressed.nii.gz")).volume()))
  }

  @Test func labelsSurviveAScale() throws {
    let slope = Float(3.05e-5)
    let volume = Volume(
      size: GridSize(2, 1, 1), geometry: Geometry(spacing: [1, 1, 1]), voxels: [0, (1 / slope).rounded()])
    try write(volume, as: .uint16, to: folder.file("m.nii"))
    var file = try content(of: folder.file("m.nii"))
    file.replaceSubrange(112..<116, with: bytes(slope))
    let path = try folder.write(file, to: "scaled.nii")
    #expect(try Image(contentsOf: path).volume().voxels[1] != 1)
    #expect(try Image(contentsOf: path).labelVolume().labels == [0, 1])
    file.replaceSubrange(112..<116, with: bytes(3.2e-5))
    #expect {
      try Image(contentsOf: folder.write(file, to: "scaled.nii")).labelVolume()
    } throws: { error in
      isOneSentence("\(error)") && "\(error)".contains("scl_slope 3.")
        && "\(error)".contains("voxel (1, 0, 0)")
    }
  }

  @Test func largeIntegersAreNamedExactly() throws {
    let volume = Volume(
      size: GridSize(2, 1, 1), geometry: Geometry(spacing: [1, 1, 1]), voxels: [255, 16_777_216])
    try write(volume, as: .int32, to: folder.file("m.nii"))
    var file = try content(of: folder.file("m.nii"))
    file[356] = 1
    let path = try folder.write(file, to: "m.nii")
    #expect(throws: ImageError.invalidLabel(path: path, value: 16_777_217, i: 1, j: 0, k: 0)) {
      try Image(contentsOf: path).labelVolume()
    }
  }

  @Test(arguments: ImageFormat.allCases)
  func gitPointersAreCalledSo(_ format: ImageFormat) throws {
    let pointer =
      "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32\nsize 5\n"
    for suffix in format.suffixes {
      let path = try folder.write(Array(pointer.utf8), to: "a" + suffix)
      let error = ImageError.gitPointer(path: path)
      #expect(throws: error) { try Image(contentsOf: path) }
      #expect(isOneSentence("\(error)") && "\(error)".contains("git lfs pull"))
    }
  }
}
