import Foundation
import MedicalImaging
import SyntheticDICOM
import Testing

@Suite struct FolderPairTests {
  private let data: DatasetFolder

  init() throws {
    data = try DatasetFolder()
    try data.scans("scans/a.nii.gz", "scans/b.nii.gz")
    try data.masks("truth/a.nii.gz", "truth/b.nii.gz")
  }

  private func pair(_ channels: [String] = [], images: String = "scans") -> FolderPair {
    FolderPair(images: data.file(images), labels: data.file("truth"), channels: channels)
  }

  @Test func isRead() throws {
    let dataset = try Dataset(pair())
    #expect(dataset.layout == .folderPair && dataset.training.map(\.name) == ["a", "b"])
    #expect(dataset.training.map(\.labelPath) == ["a", "b"].map { data.file("truth/\($0).nii.gz") })
    #expect(dataset.channelNames == ["image"] && !dataset.namesClasses)
    #expect(dataset.classNames == ["background", "class 1", "class 2"])
    #expect(dataset.summary == "folders of scans and masks: 2 cases with masks, 0 without")
    #expect(data.findings(dataset).isEmpty)
  }

  @Test func isRecognisedInOneFolder() throws {
    for masks in ["labels", "masks"] {
      let other = try DatasetFolder()
      try other.scans("images/a.mha", channels: 2)
      try other.masks("\(masks)/a.nrrd")
      let dataset = try Dataset(folder: other.path)
      #expect(
        dataset.training == [
          Case(imagePath: other.file("images/a.mha"), labelPath: other.file("\(masks)/a.nrrd"))
        ])
      #expect(dataset.channelNames == ["channel 1", "channel 2"])
    }
  }

  @Test func classesMayBeNamed() throws {
    let dataset = try Dataset(
      pair(), options: DatasetReadingOptions(classNames: ["background", "liver", "tumour"]))
    #expect(dataset.classNames == ["background", "liver", "tumour"] && dataset.namesClasses)
    for names in [["background"], ["background", "x", "x"], ["background", ""]] {
      let sentence = data.sentence { () throws(DatasetError) in
        try Dataset(pair(), options: DatasetReadingOptions(classNames: names))
      }
      #expect(sentence.contains("--classes \(names.joined(separator: ","))") && isOneSentence(sentence))
    }
    let fewer = try Dataset(pair(), options: DatasetReadingOptions(classNames: ["background", "liver"]))
    #expect(
      data.findings(fewer).allSatisfy { $0.contains("the labels 2, which the data set does not declare") })
  }

  @Test func channelsInFilesOfTheirOwn() throws {
    for name in ["a", "b"] {
      try data.scans("multi/\(name)_t1.nii.gz", "multi/\(name)_ce_t1.nii.gz", "multi/\(name)_flair.nii.gz")
    }
    let dataset = try Dataset(pair(["flair", "t1", "ce_t1"], images: "multi"))
    #expect(dataset.channelNames == ["flair", "t1", "ce_t1"] && dataset.training.map(\.name) == ["a", "b"])
    #expect(
      dataset.training[0].imagePaths
        == ["flair", "t1", "ce_t1"].map { data.file("multi/a_\($0).nii.gz") })
    #expect(data.findings(dataset).isEmpty)
    try FileManager.default.removeItem(atPath: data.file("multi/b_flair.nii.gz"))
    try data.scans("multi/b_t2.nii.gz")
    let findings = data.findings(try Dataset(pair(["flair", "t1", "ce_t1"], images: "multi")))
    #expect(findings.count == 2, "\(findings)")
    #expect(findings[0].hasPrefix("multi/b_t2.nii.gz: is not used"))
    #expect(findings[1].hasPrefix("multi/b_flair.nii.gz:") && findings[1].contains("is not there"))
  }

  @Test func filesWithoutTheirPartnerAreNamed() throws {
    try data.scans("scans/c.nii.gz", "scans/.d.nii.gz")
    try data.masks("truth/e.nii.gz", "truth/f_seg.nii.gz")
    try data.scans("scans/f.nii.gz")
    let dataset = try Dataset(pair())
    #expect(dataset.training.map(\.name) == ["a", "b", "f"] && dataset.test.map(\.name) == ["c"])
    #expect(
      dataset.summary
        == "folders of scans and masks: 3 cases with masks, 1 without; 1 name that starts with \".\" left out"
    )
    let findings = data.findings(dataset)
    #expect(findings.count == 2 && findings.allSatisfy(isOneSentence), "\(findings)")
    #expect(findings[0].hasPrefix("scans/c.nii.gz: no mask has this scan's name"))
    #expect(findings[1].hasPrefix("truth/e.nii.gz: no scan has this mask's name"))
  }

  @Test func whatCannotBeReadIsSaid() throws {
    let missing = data.sentence { () throws(DatasetError) in try Dataset(pair(images: "none")) }
    #expect(missing.contains("none: there is no such file or folder") && isOneSentence(missing))
    let file = data.sentence { () throws(DatasetError) in try Dataset(pair(images: "scans/a.nii.gz")) }
    #expect(file.contains("a.nii.gz: is a file; give a folder") && isOneSentence(file))
    try FileManager.default.removeItem(atPath: data.file("truth"))
    try data.masks("truth/z.nii.gz")
    let lonely = data.sentence { () throws(DatasetError) in try Dataset(pair()) }
    #expect(lonely.contains("scans: no scan here has a mask of its name in") && isOneSentence(lonely))
    #expect(lonely.contains("(scans: a, b") && lonely.contains("masks: z)"), "\(lonely)")
    // The folder that is empty is the one that is named.
    for folder in ["truth", "scans"] {
      try FileManager.default.removeItem(atPath: data.file(folder))
      try FileManager.default.createDirectory(atPath: data.file(folder), withIntermediateDirectories: true)
      let empty = data.sentence { () throws(DatasetError) in try Dataset(pair()) }
      #expect(
        empty.contains("\(folder): has no file of the form *.nii.gz") && isOneSentence(empty), "\(empty)")
    }
  }

  /// A folder of both: no scan is its own mask, no mask a scan.
  @Test func masksMayLieBesideTheirScans() throws {
    try data.scans("both/a.nii.gz", "both/b.nii.gz", "both/c.nii.gz")
    try data.masks("both/a_seg.nii.gz", "both/b-label.nii.gz", "both/d_mask.nii.gz")
    let folder = data.file("both")
    for labels in [folder, folder + "/", data.file("truth/../both")] {
      let dataset = try Dataset(FolderPair(images: folder, labels: labels))
      #expect(dataset.training.map(\.name) == ["a", "b"] && dataset.test.map(\.name) == ["c"])
      #expect(dataset.training.allSatisfy { !$0.imagePaths.contains($0.labelPath!) })
      #expect(data.findings(dataset).count == 2)
    }
    let plain = data.sentence { () throws(DatasetError) in
      try Dataset(FolderPair(images: data.file("scans"), labels: data.file("scans")))
    }
    #expect(plain.contains("has no file of the form") && isOneSentence(plain), "\(plain)")
  }

  /// What is left out of a folder is told; the voxels of a header beside them are none of it.
  @Test func otherFilesAreNamed() throws {
    try data.text("{}", to: "scans/a.json")
    try data.text("", to: "scans/b.mgz")
    try data.text("", to: "truth/c.zraw")
    let dataset = try Dataset(pair())
    let findings = data.findings(dataset)
    #expect(findings.count == 1 && findings[0].hasPrefix("scans: 2 of the names"), "\(findings)")
    #expect(findings[0].contains("(a.json, b.mgz)") && isOneSentence(findings[0]))
    let scans = try FolderScans(data.file("scans"))
    #expect(scans.remarks.map(\.finding) == [.list(.otherFiles(names: ["a.json", "b.mgz"]))])
  }

  @Test func seriesAreNoScansToTrainWith() throws {
    try data.text("", to: "series/note.txt")
    try SyntheticSeries().write(to: data.file("series"))
    let sentence = data.sentence { () throws(DatasetError) in try Dataset(pair(images: "series")) }
    #expect(sentence.contains("DICOM series") && sentence.contains("dcm2niix"), "\(sentence)")
    #expect(isOneSentence(sentence))
  }

  /// Where no mask names a class since none can be read, that is what is said.
  @Test func masksThatCannotBeReadAreNamed() throws {
    for name in ["truth/a.nii.gz", "truth/b.nii.gz"] { try data.text("nothing", to: name) }
    let sentence = data.sentence { () throws(DatasetError) in try Dataset(pair()) }
    #expect(sentence.hasPrefix(data.file("truth/a.nii.gz")) && isOneSentence(sentence), "\(sentence)")
    #expect(sentence.contains("truncated"))
  }

  @Test func masksOfBackgroundNameNoClass() throws {
    try data.masks("truth/a.nii.gz", "truth/b.nii.gz", values: [0])
    let sentence = data.sentence { () throws(DatasetError) in try Dataset(pair()) }
    #expect(sentence.contains("no class besides the background") && isOneSentence(sentence))
  }
}
