import Foundation
import MedicalImaging
import SeededRandom
import SyntheticDICOM
import Testing

/// Which series lie in a folder, and what they are called.
@Suite struct DICOMFolderTests {
  private let scratch: TemporaryFolder

  init() throws { scratch = try TemporaryFolder() }

  private func folder(_ all: [SyntheticSeries]) throws -> DICOMFolder {
    for (index, series) in all.enumerated() { try series.write(to: scratch.file("study/\(index)")) }
    return try #require(DICOMFolder(at: scratch.path))
  }

  @Test(arguments: [true, false], [true, false])
  func aSeriesIsFoundByItsContent(_ isExplicit: Bool, _ refersToAnother: Bool) throws {
    let series = SyntheticSeries(isExplicit: isExplicit, refersToAnother: refersToAnother)
    let found = try folder([series])
    #expect(found.series.count == 1 && found.otherCount == 0)
    #expect(found.series[0].uid == series.uid && found.series[0].number == 3)
    #expect(found.series[0].modality == "CT" && found.series[0].kind == .original)
    #expect(found.series[0].paths.count == 4)
    // Nothing of the patient, nothing that a file's name cannot have.
    #expect(found.series[0].name == "3_T1_axial")
  }

  /// Series alone are nothing to learn from.
  @Test func aFolderOfSeriesIsNoDataSet() throws {
    _ = try folder([SyntheticSeries()])
    #expect(throws: DatasetError.folder(path: scratch.path, .dicom)) { try Dataset(folder: scratch.path) }
  }

  @Test func derivedSeriesAndLocalisersAreTakenOnlyByName() throws {
    let found = try folder([
      SyntheticSeries(),
      SyntheticSeries(
        uid: "1.2.2", number: 1, description: "scout", imageType: "ORIGINAL\\PRIMARY\\LOCALIZER"),
      SyntheticSeries(uid: "1.2.3", number: 4, description: "MPR", imageType: "DERIVED\\SECONDARY"),
      SyntheticSeries(
        uid: "1.2.4", number: 2, description: "three planes",
        orientation: { $0 == 0 ? "1\\0\\0\\0\\1\\0" : "0\\1\\0\\0\\0\\-1" }),
    ])
    #expect(found.series.map(\.kind) == [.localizer, .localizer, .original, .derived])
    #expect(try found.series(meantBy: []).map(\.name) == ["3_T1_axial"])
    #expect(try found.series(meantBy: ["4", "1_scout"]).map(\.number) == [1, 4])
    #expect(
      found.summary.contains("4 series found") && found.summary.contains("4_MPR (CT, 4 files, derived)"))
    #expect(throws: DICOMError.noSuchSeries(word: "9", found: found.summary)) {
      try found.series(meantBy: ["9"])
    }
    let derived = try #require(DICOMFolder(at: scratch.file("study/2")))
    #expect(throws: DICOMError.onlyDerived(found: derived.summary)) { try derived.series(meantBy: []) }
    #expect("\(DICOMError.onlyDerived(found: derived.summary))".contains("--series"))
  }

  @Test func seriesOfOneNameAreToldApart() throws {
    let found = try folder([SyntheticSeries(uid: "1.2.1"), SyntheticSeries(uid: "1.2.2")])
    #expect(found.series.map(\.name) == ["3_T1_axial", "3_T1_axial-2"])
  }

  @Test func aFileStandsForItsSeries() throws {
    try SyntheticSeries().write(to: scratch.path)
    try scratch.write(SyntheticSeries(uid: "1.2.2").file(0), to: "other")
    #expect(try #require(DICOMFolder(at: scratch.file("2"))).series.map(\.paths.count) == [4])
  }

  @Test func otherFilesAreNoSeries() throws {
    try scratch.write(Array("notes".utf8), to: "notes.txt")
    #expect(DICOMFolder(at: scratch.path) == nil && DICOMFolder(at: scratch.file("none")) == nil)
    // A file that ends in front of its image, as a report's does.
    try scratch.write(SyntheticSeries().file(0).prefix(400), to: "report")
    let found = try #require(DICOMFolder(at: scratch.path))
    #expect(found.series.isEmpty && found.otherCount == 1)
    #expect(throws: DICOMError.noImages(path: scratch.path)) { try found.series(meantBy: []) }
  }

  /// DICOM where an image is wanted is called what it is.
  @Test func elsewhereOneSentenceSaysWhatToDo() throws {
    let path = try scratch.write(SyntheticSeries().file(0), to: "slice")
    #expect(throws: ImageError.dicomFile(path: path)) { try Image(contentsOf: path) }
    #expect("\(ImageError.dicomFile(path: path))".contains("dcm2niix"))
  }

  /// Damaged files give fewer elements, and no crash.
  @Test func damagedFilesAreRead() throws {
    var generator = SplitMix64(seed: 7)
    let whole = SyntheticSeries(sliceCount: 1, extent: 4, refersToAnother: true).file(0)
    for _ in 0..<500 {
      var bytes = whole
      for _ in 0..<4 {
        bytes[Int.random(in: 132..<bytes.count, using: &generator)] = UInt8.random(
          in: 0...255, using: &generator)
      }
      let path = try scratch.write(
        bytes.prefix(Int.random(in: 132...bytes.count, using: &generator)), to: "d")
      _ = DICOMFolder(at: path)
    }
  }
}
