import Foundation
import MedicalImaging
import SyntheticDICOM
import Testing

/// Series through dcm2niix and back through dcmqi.
@Suite struct DICOMConversionTests {
  private static let converter = ExternalProgram(named: "dcm2niix", program: #filePath)
  private static let writer = ExternalProgram(named: "itkimage2segimage", program: #filePath)
  private let scratch: TemporaryFolder

  init() throws { scratch = try TemporaryFolder() }

  private func series(_ series: SyntheticSeries = SyntheticSeries()) throws -> DICOMSeries {
    try series.write(to: scratch.path)
    return try #require(DICOMFolder(at: scratch.path)?.series.first)
  }

  /// Each voxel lies where the standard puts it (and SimpleITK, whose grid of this series is 16 x 16 x 4 of spacing
  /// 1.25, 1.5, 2.5 from (-10, 20, 5) in LPS), with its rescaled value.
  @Test(.enabled(if: converter != nil, "dcm2niix is neither in .deps nor on the PATH: run 'make setup'"))
  func voxelsLieWhereTheyBelong() throws {
    var (folder, path) = ("", "")
    try series().withConverted(by: Self.converter!) { converted in
      path = converted.path
      folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
      let volume = try Image(contentsOf: path).volume()
      #expect(path.hasSuffix("/3_T1_axial.nii") && volume.size == GridSize(16, 16, 4))
      #expect(volume.geometry.spacing == [1.25, 1.5, 2.5])
      for voxel in 0..<volume.size.count {
        let index = [voxel % 16, voxel / 16 % 16, voxel / 256].map(Double.init)
        let ras = volume.geometry.affine.map { row in
          row[3] + zip(row, index).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let column = (-ras[0] - SyntheticSeries.position.0) / SyntheticSeries.pixelSpacing.1
        let row = (-ras[1] - SyntheticSeries.position.1) / SyntheticSeries.pixelSpacing.0
        let slice = (ras[2] - SyntheticSeries.position.2) / SyntheticSeries.sliceDistance
        let expected = 2 * (100 * slice.rounded() + 10 * row.rounded() + column.rounded()) - 5
        #expect(
          abs(column - column.rounded()) + abs(row - row.rounded()) + abs(slice - slice.rounded()) < 1e-5)
        #expect(Double(volume.voxels[voxel]) == expected)
      }
    }
    #expect(!path.isEmpty && !FileManager.default.fileExists(atPath: folder))
  }

  /// A mask of a volume whose slices lie elsewhere than it says would be wrong without a word.
  @Test(.enabled(if: converter != nil, "dcm2niix is neither in .deps nor on the PATH: run 'make setup'"))
  func missingSlicesAreSaid() throws {
    let whole = try series(SyntheticSeries(sliceCount: 7))
    try FileManager.default.removeItem(atPath: whole.paths[3])
    let left = try #require(DICOMFolder(at: scratch.path)?.series.first)
    #expect(throws: DICOMError.unevenSlices(series: left.summary)) {
      try left.withConverted(by: Self.converter!) { _ in }
    }
    #expect(isOneSentence("\(DICOMError.unevenSlices(series: left.summary))"))
  }

  @Test(.enabled(if: converter != nil, "dcm2niix is neither in .deps nor on the PATH: run 'make setup'"))
  func whatCannotBeConvertedIsSaid() throws {
    let series = try series(SyntheticSeries(sliceCount: 1))
    try Data("gone".utf8).write(to: URL(fileURLWithPath: series.paths[0]))
    #expect {
      try series.withConverted(by: Self.converter!) { _ in }
    } throws: { error in
      "\(error)".hasPrefix("3_T1_axial (CT, 1 file): dcm2niix failed")
    }
  }

  @Test(
    .enabled(
      if: converter != nil && writer != nil,
      "dcm2niix or dcmqi's itkimage2segimage is not there: run 'make setup', 'pip install dcmqi'"))
  func masksBecomeSegmentationObjects() throws {
    try series().withConverted(by: Self.converter!) { converted in
      let header = try ImageHeader(contentsOf: converted.path)
      var mask = LabelVolume(
        size: header.size, geometry: header.geometry, labels: [UInt8](repeating: 0, count: header.size.count))
      let segments = [DICOMSegment(label: 1, name: "Anterior", color: [86, 180, 233])]
      #expect(
        try converted.segmentationObject(of: mask, segments, version: "1", by: Self.writer!) == nil)
      mask.labels[300] = 1
      let object = try #require(
        try converted.segmentationObject(of: mask, segments, version: "1", by: Self.writer!))
      #expect(Array(object[128..<132]) == Array("DICM".utf8))
      #expect(Data(object).range(of: Data("Anterior".utf8)) != nil)
    }
  }

  /// A program that hangs or fails does not take this one with it.
  @Test func aProgramThatFailsIsSaid() throws {
    let program = try #require(ExternalProgram(named: "false"))
    #expect(throws: DICOMError.self) { try series().withConverted(by: program) { _ in } }
    #expect(ExternalProgram(named: "no such program") == nil)
  }
}
