import Foundation
import MedicalImaging
import Segmentation
import Testing

/// Masks by any program against the truth.
@Suite struct MaskPairsTests {
  private let size = GridSize(6, 5, 4)

  /// Writes a mask whose first voxels have the labels.
  private func write(
    _ labels: [UInt8], to path: String, spacing: [Double] = [1, 1, 2], size: GridSize? = nil
  ) throws {
    let size = size ?? self.size
    let geometry = Geometry(spacing: spacing)
    let mask = LabelVolume(
      size: size, geometry: geometry,
      labels: labels + [UInt8](repeating: 0, count: size.count - labels.count))
    let format = ImageFormat(ofName: path)
    let header = ImageHeader(size: size, geometry: geometry, voxelType: .uint8, format: format)
    try FileManager.default.createDirectory(
      at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
    for file in try format.files(of: mask, like: header, at: path) { try file.write() }
  }

  @Test func masksAreMatchedByNameAndTheRestIsNamed() throws {
    try withTemporaryFolder { folder in
      try write([1, 1, 5], to: folder + "/truth/a.nii.gz")
      try write([1, 5], to: folder + "/truth/b.nii.gz")
      try write([1], to: folder + "/truth/alone.nii.gz")
      try write([1, 0, 5], to: folder + "/masks/a.mha")
      try write([1], to: folder + "/masks/b.nrrd")
      try write([1], to: folder + "/masks/other.nii")
      let pairs = try MaskPairs(truth: folder + "/truth", masks: folder + "/masks")
      #expect(pairs.pairs.map(\.name) == ["a", "b"] && pairs.datasetName == "truth")
      #expect(pairs.unmatchedMasks == [folder + "/masks/other.nii"])
      #expect(pairs.labels.structures.map(\.name) == ["label 1", "label 5"])
      let evaluation = pairs.evaluation()
      #expect(evaluation.failures.map(\.caseName) == ["alone"])
      #expect(evaluation.cases.map { $0.classes[0].metrics.dice } == [.value(2.0 / 3), .value(1)])
      // In the truth's mm^3.
      #expect(evaluation.cases[0].classes[0].metrics.trueVolume == 4)
      // One case misses the class, which the distance of the other does not hide.
      #expect(evaluation.distanceCount(1) == DistanceCount(measured: 1, present: 2))
      let table = evaluation.table()
      #expect(table.contains("0.0000 (1 of 2)") && !table.contains("soft Dice"), "\(table)")
      #expect(evaluation.summary().contains("1 left out"))
      let report = folder + "/report.html"
      let terms = EvaluationTerms(dataset: "truth", split: "all", masks: .folder("m"), version: "9.9")
      try pairs.report.write(evaluation, terms, to: report)
      let html = try String(contentsOfFile: report, encoding: .utf8)
      #expect(html.contains("0.00 (1 of 2)") && html.contains("Left out: alone") && html.contains("9.9"))
      #expect(!html.contains("Soft Dice") && html.contains("<figure class=\"viewer\""))
    }
  }

  @Test func probabilitiesAreNoMasksAndEndsOfMasksMakeNoDifference() throws {
    try withTemporaryFolder { folder in
      for name in [
        "truth/a_seg", "truth/b", "masks/a", "masks/b_mask", "masks/a_probabilities", "masks/c_probabilities",
      ] {
        try write([1], to: "\(folder)/\(name).nii.gz")
      }
      let pairs = try MaskPairs(truth: folder + "/truth", masks: folder + "/masks")
      let names = { (path: String) in URL(fileURLWithPath: path).lastPathComponent }
      #expect(pairs.pairs.map { names($0.truthPath) } == ["a_seg.nii.gz", "b.nii.gz"])
      #expect(pairs.pairs.map { names($0.maskPath) } == ["a.nii.gz", "b_mask.nii.gz"])
      // Only beside its mask is a file one of probabilities.
      #expect(pairs.probabilitiesCount == 1 && pairs.unmatchedMasks.map(names) == ["c_probabilities.nii.gz"])
    }
  }

  @Test func aDataSetNamesTheClassesOfItsFoldersAndKeepsMasksForTheTest() throws {
    try withTemporaryFolder { folder in
      for name in ["imagesTr/t_0000", "imagesTs/u_0000", "labelsTr/t", "labelsTs/u", "masks/u"] {
        try write([1], to: "\(folder)/\(name).nii.gz")
      }
      let description = """
        {"channel_names": {"0": "MR"}, "labels": {"background": 0, "tumour": 1}, "numTraining": 1, "file_ending": ".nii.gz"}
        """
      try Data(description.utf8).write(to: URL(fileURLWithPath: folder + "/dataset.json"))
      let pairs = try MaskPairs(truth: folder, masks: folder + "/masks")
      #expect(pairs.pairs.map(\.name) == ["u"] && pairs.split == .test && pairs.unmatchedTruths.isEmpty)
      let plain = try MaskPairs(truth: folder + "/labelsTs", masks: folder + "/masks")
      #expect(plain.labels.structures.map(\.name) == ["tumour"] && plain.split == .all)
    }
  }

  @Test func oneBadCaseDoesNotStopTheOthers() throws {
    try withTemporaryFolder { folder in
      for name in ["a", "b", "c", "d", "e"] { try write([1, 2], to: "\(folder)/truth/\(name).nii.gz") }
      try write([1, 2], to: folder + "/masks/a.nii.gz")
      try write([1, 2], to: folder + "/masks/b.nii.gz", spacing: [1, 1, 3])
      try write([1, 2], to: folder + "/masks/c.nii.gz", size: GridSize(6, 5, 3))
      try write([1, 7], to: folder + "/masks/d.nii.gz")
      try Data("none".utf8).write(to: URL(fileURLWithPath: folder + "/masks/e.nii.gz"))
      let evaluation = try MaskPairs(
        truth: folder + "/truth", masks: folder + "/masks",
        labels: LabelScheme(classNames: ["background", "one", "two"])
      ).evaluation()
      #expect(evaluation.cases.map(\.caseName) == ["a"])
      #expect(evaluation.failures.map(\.caseName) == ["b", "c", "d", "e"])
      let reasons = evaluation.failures.map(\.reason)
      #expect(reasons[0].contains("1.0x1.0x3.0 mm, not 1.0x1.0x2.0"), "\(reasons[0])")
      #expect(reasons[1].contains("6x5x3 voxels, not 6x5x4") && reasons[2].contains("label 7"))
      #expect(zip(reasons, ["b", "c", "d", "e"]).allSatisfy { $0.contains("/masks/\($1).nii.gz") })
    }
  }

  @Test func aDataSetIsATruthWithClassesAndScans() throws {
    try withTemporaryFolder { folder in
      let data = try PhantomDataset.write(
        PhantomConfiguration(caseCount: 2, testCaseCount: 0, seed: 3), to: folder + "/data")
      let pairs = try MaskPairs(truth: folder + "/data", masks: folder + "/data/labelsTr")
      #expect(
        pairs.datasetName == data.name && pairs.labels == data.labels)
      #expect(pairs.pairs.allSatisfy { !$0.imagePaths.isEmpty })
      #expect(pairs.evaluation().meanForegroundDice == 1)
      let listed = try MaskPairs(truth: folder + "/data/dataset.json", masks: folder + "/data/labelsTr")
      #expect(listed.pairs == pairs.pairs || listed.pairs.map(\.name) == pairs.pairs.map(\.name))
    }
  }

  @Test func nothingToCompareIsSaid() throws {
    try withTemporaryFolder { folder in
      try write([1], to: folder + "/truth/a.nii.gz")
      try write([1], to: folder + "/masks/b.nii.gz")
      for masks in ["/masks", "/none", ""] {
        #expect(throws: (any Error).self) { try MaskPairs(truth: folder + "/truth", masks: folder + masks) }
      }
      try write([1], to: folder + "/masks/b.mha")
      #expect(
        throws: SegmentationError.duplicateCase(
          name: "b", first: folder + "/masks/b.mha", second: folder + "/masks/b.nii.gz")
      ) { try MaskPairs(truth: folder + "/truth", masks: folder + "/masks") }
    }
  }
}
