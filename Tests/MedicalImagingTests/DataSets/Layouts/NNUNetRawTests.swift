import Foundation
import MedicalImaging
import Testing

@Suite struct NNUNetRawTests {
  private let data: DatasetFolder

  init() throws {
    data = try DatasetFolder()
    for name in ["p1", "p_2"] {
      try data.scans("imagesTr/\(name)_0000.nii.gz", "imagesTr/\(name)_0001.nii.gz")
      try data.masks("labelsTr/\(name).nii.gz")
    }
    try data.scans("imagesTs/t_0000.nii.gz", "imagesTs/t_0001.nii.gz")
    try describe()
  }

  private func describe(ending: String = #""file_ending": ".nii.gz","#, numTraining: Int = 2) throws {
    try data.text(
      """
      {"channel_names": {"0": "FLAIR", "1": "T1c"}, "labels": {"background": 0, "x": 1, "y": 2},
       \(ending) "numTraining": \(numTraining)}
      """, to: "dataset.json")
  }

  @Test func isRead() throws {
    let dataset = try Dataset(folder: data.path)
    #expect(dataset.layout == .nnUNetRaw && dataset.channelNames == ["FLAIR", "T1c"])
    #expect(dataset.classNames == ["background", "x", "y"] && dataset.declaredTrainingCount == 2)
    #expect(dataset.training.map(\.name) == ["p1", "p_2"] && dataset.test.map(\.name) == ["t"])
    #expect(
      dataset.training[1].imagePaths
        == ["0000", "0001"].map { data.file("imagesTr/p_2_\($0).nii.gz") })
    #expect(dataset.training[1].labelPath == data.file("labelsTr/p_2.nii.gz"))
    #expect(dataset.test[0].labelPath == nil && dataset.training[0].maskFileName == "p1.nii.gz")
    #expect(dataset.summary == "nnU-Net form: 2 cases with masks, 1 without; 2 channels (FLAIR, T1c)")
    #expect(data.findings(dataset).isEmpty)
  }

  @Test func masksOfTestCasesAreFound() throws {
    try data.masks("labelsTs/t.nii.gz")
    let dataset = try Dataset(folder: data.path + "/")
    #expect(dataset.test[0].labelPath == data.file("labelsTs/t.nii.gz"))
    #expect(dataset.summary.contains("3 cases with masks, 0 without, 1 of them kept for the test"))
  }

  @Test func whatIsMissingIsNamed() throws {
    try FileManager.default.removeItem(atPath: data.file("imagesTr/p1_0001.nii.gz"))
    try FileManager.default.removeItem(atPath: data.file("labelsTr/p_2.nii.gz"))
    let findings = data.findings(try Dataset(folder: data.path))
    #expect(findings.count == 2 && findings.allSatisfy { $0.contains("is not there") })
    #expect(findings[0].hasPrefix("imagesTr/p1_0001.nii.gz:"), "\(findings)")
    #expect(findings[1].hasPrefix("labelsTr/p_2.nii.gz:"))
    let first = try Dataset(folder: data.path).training[0]
    #expect(throws: ImageError.self) { try Image(contentsOf: first.imagePaths) }
  }

  @Test func whatIsTooMuchIsNamed() throws {
    try data.scans("imagesTr/p1_0002.nii.gz", "imagesTr/p1.nii.gz", "imagesTr/._p1_0000.nii.gz")
    try data.masks("labelsTr/q.nii.gz")
    let dataset = try Dataset(folder: data.path)
    let findings = data.findings(dataset)
    #expect(findings.count == 3 && dataset.skippedCount == 1, "\(findings)")
    for (finding, name) in zip(
      findings, ["imagesTr/p1.nii.gz:", "imagesTr/p1_0002.nii.gz:", "labelsTr/q.nii.gz:"])
    {
      #expect(finding.hasPrefix(name) && isOneSentence(finding), "\(finding)")
    }
    #expect(findings[0].contains("CASE_0000.nii.gz to CASE_0001.nii.gz"))
  }

  @Test func theEndingIsNeeded() throws {
    try describe(ending: "")
    let missing = data.sentence { () throws(DatasetError) in try Dataset(folder: data.path) }
    #expect(missing.contains("\"file_ending\"") && missing.contains("vnet help data"), "\(missing)")
    try describe(ending: #""file_ending": ".jpg","#)
    let unknown = data.sentence { () throws(DatasetError) in try Dataset(folder: data.path) }
    #expect(unknown.contains("\"file_ending\" is not one of .nii"), "\(unknown)")
  }

  @Test func otherEndings() throws {
    try describe(ending: #""file_ending": ".mha","#)
    try data.scans("imagesTr/m_0000.mha", "imagesTr/m_0001.mha")
    try data.masks("labelsTr/m.mha")
    let dataset = try Dataset(folder: data.path)
    #expect(dataset.training.map(\.name) == ["m"] && dataset.remarks.count == 8)
  }

  @Test func optionsOfOtherLayoutsAreRefused() throws {
    let outside = data.sentence { () throws(DatasetError) in
      try Dataset(folder: data.path, options: DatasetReadingOptions(allowsOutside: true))
    }
    #expect(outside.contains("--allow-outside does not apply"), "\(outside)")
  }

  @Test(arguments: [
    ("case_0000.nii.gz", "case", 0), ("a_b_0012.mha", "a_b", 12), ("x_0000_0001.nii", "x_0000", 1),
  ])
  func channelsAreNumbered(_ file: String, _ name: String, _ number: Int) {
    let channel = NumberedChannel(fileName: file)
    #expect(channel?.caseName == name && channel?.number == number)
  }

  @Test(arguments: [
    "case.nii.gz", "case_000.nii", "case0000.nii", "_0000.nii", "case_00a0.nii", "c_0000.txt",
  ])
  func otherNamesAreNone(_ file: String) {
    #expect(NumberedChannel(fileName: file) == nil)
  }

  private static let sample = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../../../../shared/data/BraTS_sample").standardizedFileURL.path

  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: sample), "the BraTS sample is not at ../shared/data"))
  func realScans() throws {
    let dataset = try Dataset(folder: Self.sample)
    #expect(dataset.training.map(\.name) == (3...6).map { "brats_000\($0)" })
    #expect(dataset.training.allSatisfy { $0.imagePaths.count == 2 } && dataset.remarks.isEmpty)
  }
}
