import Foundation
import MedicalImaging
import Testing

/// What the Decathlon's reader makes of entries; DatasetTests has the description itself.
@Suite struct DecathlonTests {
  private let data: DatasetFolder

  init() throws { data = try DatasetFolder() }

  /// - Parameter pairs: of image and label, as JSON has them.
  private func describe(_ pairs: [(String, String)], test: [String] = [], before: String = "") throws {
    let training = pairs.map { "{\"image\": \"\($0.0)\", \"label\": \"\($0.1)\"}" }
    try data.text(
      """
      {\(before) "modality": {"0": "MRI"}, "labels": {"0": "background", "1": "a", "2": "b"},
       "training": [\(training.joined(separator: ",\n"))],
       "test": [\(test.map { "\"\($0)\"" }.joined(separator: ", "))]}
      """, to: "dataset.json")
  }

  private func names(_ images: [String]) throws -> [String] {
    try describe(images.map { ($0, "labelsTr/x.nii") })
    return try Dataset(folder: data.path).training.map(\.name)
  }

  // MARK: Names

  @Test(arguments: [
    (["imagesTr/a.nii", "imagesTr/b.nii.gz"], ["a", "b"]),
    (["case_0/imaging.nii.gz", "case_1/imaging.nii.gz", "x.nii"], ["case_0", "case_1", "x"]),
    (["A/p1/scan.nii", "B/p1/scan.nii", "A/p2/scan.nii"], ["A_p1", "B_p1", "A_p2"]),
    (["in/p1/T1/scan.nii", "in/p2/T1/scan.nii"], ["p1", "p2"]),
    (["p/scan.nii", "p/q/scan.nii"], ["scan", "q"]),
    (["c/a.nii", "c/a.nii.gz"], ["c_a.nii", "c_a.nii.gz"]),
    (["s/a.nii", "t/a.nii", "s/b.nii", "t/b.nii"], ["s_a", "t_a", "s_b", "t_b"]),
  ])
  func casesAreNamedApart(_ images: [String], _ names: [String]) throws {
    #expect(try self.names(images) == names)
  }

  /// nnU-Net's version 1 lists `CASE.nii.gz` for the files `CASE_0000.nii.gz`, one for each channel.
  @Test func filesOfChannelsStandForAListedScan() throws {
    let modality = #""modality": {"0": "T1", "1": "T2"}, "labels": {"0": "background", "1": "a", "2": "b"},"#
    try data.text(
      """
      {\(modality) "numTraining": 3, "test": ["./imagesTs/q.nii.gz"], "training": [
       {"image": "./imagesTr/p1.nii.gz", "label": "./labelsTr/p1.nii.gz"},
       {"image": "./imagesTr/p2.nii.gz", "label": "./labelsTr/p2.nii.gz"},
       {"image": "./imagesTr/p3.nii.gz", "label": "./labelsTr/p3.nii.gz"}]}
      """, to: "dataset.json")
    try data.scans("imagesTr/p1_0000.nii.gz", "imagesTr/p1_0001.nii.gz", "imagesTs/q_0000.nii.gz")
    try data.scans("imagesTs/q_0001.nii.gz", "imagesTr/p2_0000.nii.gz")
    // A file of that name is the scan, whatever else is there.
    try data.scans("imagesTr/p3.nii.gz", channels: 2)
    try data.scans("imagesTr/p3_0000.nii.gz", "imagesTr/p3_0001.nii.gz")
    for name in ["p1", "p2", "p3"] { try data.masks("labelsTr/\(name).nii.gz") }
    let dataset = try Dataset(folder: data.path)
    #expect(dataset.layout == .decathlon && dataset.training.map(\.name) == ["p1", "p2", "p3"])
    #expect(
      dataset.training[0].imagePaths == [0, 1].map { data.file("imagesTr/p1_000\($0).nii.gz") })
    #expect(dataset.test.map(\.name) == ["q"] && dataset.test[0].imagePaths.count == 2)
    #expect(dataset.training[2].imagePaths == [data.file("imagesTr/p3.nii.gz")])
    #expect(dataset.training[0].maskFileName == "p1.nii.gz")
    // The channel that is missing is named.
    let findings = data.findings(dataset)
    #expect(findings.count == 1 && findings[0].hasPrefix("imagesTr/p2_0001.nii.gz:"), "\(findings)")
  }

  @Test func oneScanListedTwiceIsRefusedByTraining() throws {
    #expect(try names(["i/a.nii", "i/b.nii", "i/a.nii"]) == ["a", "b", "a"])
    let dataset = try Dataset(folder: data.path)
    let sentence = data.sentence { () throws(DatasetError) in try dataset.requireDistinctCases() }
    #expect(sentence.contains("i/a.nii is listed twice") && isOneSentence(sentence), "\(sentence)")
  }

  @Test func namesThatNothingTellsApartAreRefused() throws {
    #expect(Set(try names(["a_b/c.nii", "a/b/c.nii"])).count == 1)
    let dataset = try Dataset(folder: data.path)
    let sentence = data.sentence { () throws(DatasetError) in try dataset.requireDistinctCases() }
    #expect(sentence.contains("a_b/c.nii are both called") || sentence.contains("a/b/c.nii and"))
    #expect(isOneSentence(sentence), "\(sentence)")
  }

  /// Two ways to write one letter: Unicode takes the names for one, the file system for two.
  @Test func namesThatUnicodeTakesForOneAreRefused() throws {
    #expect(Set(try names(["i/\u{E9}.nii", "i/e\u{301}.nii"])).count == 1)
    let dataset = try Dataset(folder: data.path)
    let sentence = data.sentence { () throws(DatasetError) in try dataset.requireDistinctCases() }
    #expect(sentence.contains("are both called") && isOneSentence(sentence), "\(sentence)")
  }

  // MARK: Paths

  @Test func pathsLeadOutWhereThatIsAllowed() throws {
    try describe([("../other/a.nii", "/masks/a.nii"), ("imagesTr/../b.nii", "labelsTr/b.nii")])
    let sentence = data.sentence { () throws(DatasetError) in try Dataset(folder: data.path) }
    #expect(sentence.contains("\"../other/a.nii\" leads out") && sentence.contains("--allow-outside"))
    let dataset = try Dataset(folder: data.path, options: DatasetReadingOptions(allowsOutside: true))
    #expect(dataset.training.map(\.imagePath) == [data.file("../other/a.nii"), data.file("b.nii")])
    #expect(dataset.training[0].labelPath == "/masks/a.nii")
  }

  @Test func backslashesAreSeparatorsWhereAFileSaysSo() throws {
    try data.scans("imagesTr/a.nii")
    try data.masks("labelsTr/a.nii")
    try describe([(#"imagesTr\\a.nii"#, #".\\labelsTr\\a.nii"#)])
    let dataset = try Dataset(folder: data.path)
    #expect(dataset.training.map(\.imagePath) == [data.file("imagesTr/a.nii")])
    #expect(dataset.training.map(\.name) == ["a"] && data.findings(dataset).isEmpty)
    try describe([(#"imagesTr\\none.nii"#, #"labelsTr\\a.nii"#)])
    let sentence = data.sentence { () throws(DatasetError) in try Dataset(folder: data.path) }
    #expect(
      sentence.contains(#"imagesTr\none.nii"#) && sentence.contains("backslashes") && isOneSentence(sentence),
      "\(sentence)")
  }

  @Test func emptyPathsAreCalledSo() throws {
    try describe([("a.nii", "b.nii"), ("c.nii", " ")])
    let sentence = data.sentence { () throws(DatasetError) in try Dataset(folder: data.path) }
    #expect(sentence.contains("entry 2 of \"training\", \"label\" is an empty path"), "\(sentence)")
  }

  // MARK: JSON

  @Test(arguments: [
    ("\n\n\"x\": NaN,", "line 3: \"NaN\" is no value"),
    ("\n\"x\": [1, 2\n\"y\": 0,", "line 3: a list lacks a comma"),
    ("\n\"x\" 1,", "line 2: a colon is missing behind \"x\""), ("\n\n\n,", "line 4: a name in quotes"),
    ("\n\"x\": 1,\n\"x\": 2,", "line 3: \"x\" is there twice"), ("\n\"x\": \"y,\n", "line 2: a text lacks"),
    ("\n\"x\": \"C:\\data\",", "line 2: a backslash is doubled"),
    ("\"x\": 01,", "line 1: \"01\" is no value"),
    ("\"x\": \"\\ud800\",", "line 1: half of a character"), ("\"x\": ,", "line 1: a value is missing"),
  ])
  func mistakesInJSONAreNamedWithTheirLine(_ text: String, _ reason: String) throws {
    try describe([("a.nii", "b.nii")], before: text)
    let sentence = data.sentence { () throws(DatasetError) in try Dataset(folder: data.path) }
    #expect(sentence.contains("dataset.json: is not valid JSON (\(reason)"), "\(sentence)")
    #expect(isOneSentence(sentence))
  }

  @Test func allOfJSONIsRead() throws {
    let text = #"\u00e9\ud83d\ude00\n\"\\\/ ä"#
    try describe(
      [("a.nii", "b.nii")],
      before: "\"name\": \"\(text)\", \"x\": [-0.5e+3, true, false, null, {}, [ ]],\r\n\t")
    #expect(try Dataset(folder: data.path).name == "é😀\n\"\\/ ä")
    let json = try String(contentsOfFile: data.file("dataset.json"), encoding: .utf8)
    try data.text("\u{FEFF}" + json, to: "dataset.json")
    #expect(try Dataset(folder: data.path).training.count == 1)
  }

  @Test func classNamesAreItsOwn() throws {
    try describe([("a.nii", "b.nii")])
    let sentence = data.sentence { () throws(DatasetError) in
      try Dataset(folder: data.path, options: DatasetReadingOptions(classNames: ["background", "x"]))
    }
    #expect(sentence.contains("--classes") && sentence.contains("dataset.json"), "\(sentence)")
  }
}
