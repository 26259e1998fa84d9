import Foundation
import MedicalImaging
import Testing

@Suite struct CaseListTests {
  private let data: DatasetFolder

  init() throws {
    data = try DatasetFolder()
    try data.scans("s/a.nii.gz", "s/b.nii.gz", "s/c.nii.gz")
    try data.masks("m/a.nii.gz", "m/b.nii.gz")
  }

  private func read(_ text: String, _ name: String = "cases.csv") throws -> Dataset {
    try data.text(text, to: name)
    return try Dataset(list: data.file(name))
  }

  private func refusal(_ text: String, _ name: String = "cases.csv") throws -> String {
    try data.text(text, to: name)
    let sentence = data.sentence { () throws(DatasetError) in try Dataset(list: data.file(name)) }
    #expect(sentence.hasPrefix(data.file(name)) && isOneSentence(sentence), "\(sentence)")
    return sentence
  }

  @Test func isRead() throws {
    let dataset = try read(
      "image,label\ns/a.nii.gz,m/a.nii.gz\n\(data.file("s/b.nii.gz")),./m/b.nii.gz\ns/c.nii.gz,\n")
    #expect(dataset.layout == .caseList && dataset.name == "cases" && dataset.channelNames == ["image"])
    #expect(
      dataset.training
        == ["a", "b"].map {
          Case(imagePath: data.file("s/\($0).nii.gz"), labelPath: data.file("m/\($0).nii.gz"))
        })
    #expect(dataset.test == [Case(imagePath: data.file("s/c.nii.gz"))])
    #expect(dataset.classNames == ["background", "class 1", "class 2"] && !dataset.namesClasses)
    #expect(dataset.listedSplit == nil && dataset.listedFolds == nil && data.findings(dataset).isEmpty)
    #expect(dataset.summary == "list of cases: 2 cases with masks, 1 without")
    #expect(try Case.listed(in: data.file("cases.csv")).map(\.name) == ["a", "b", "c"])
  }

  /// Learning a scan as its own mask would go well, and mean nothing.
  @Test func aScanIsNoMaskOfItsOwn() throws {
    let dataset = try read("image,label\ns/a.nii.gz,m/a.nii.gz\nm/b.nii.gz,m/b.nii.gz\n")
    let sentence = data.sentence { () throws(DatasetError) in try dataset.requireDistinctCases() }
    #expect(
      sentence.contains("m/b.nii.gz is given as its own mask") && isOneSentence(sentence), "\(sentence)")
    let findings = data.findings(dataset)
    #expect(findings.contains { $0.hasPrefix("m/b.nii.gz: is given as its own mask") }, "\(findings)")
  }

  /// Quotes, each separator, each line end, a byte order mark, capitals, empty lines, no line end.
  @Test(arguments: [
    "\u{FEFF}Image;LABEL\r\n\"s/a.nii.gz\";m/a.nii.gz\r\n\r\n\"s/b.nii.gz\";\"m/b.nii.gz\"",
    "label\timage\n m/a.nii.gz\ts/a.nii.gz \nm/b.nii.gz\ts/b.nii.gz\n",
    "image,label\rs/a.nii.gz,m/a.nii.gz\rs/b.nii.gz,m/b.nii.gz",
    "image,label\n\"s/a.nii.gz\",m/a.nii.gz\n\ns/b.nii.gz,\"m/b.nii.gz\"\n\n",
  ])
  func formsOfCSV(_ text: String) throws {
    let dataset = try read(text)
    #expect(dataset.training.map(\.name) == ["a", "b"] && data.findings(dataset).isEmpty)
  }

  @Test func fieldsInQuotesHoldAnything() throws {
    try data.scans("s/x, \"y\".nii")
    let dataset = try read("image,label,note\n\"s/x, \"\"y\"\".nii\",m/a.nii.gz,\"two\nlines; and more\"\n")
    #expect(dataset.training.map(\.name) == ["x, \"y\""])
    #expect(
      data.findings(dataset) == [
        "cases.csv: nothing is made of the columns note; check their names ('vnet help data') if they matter."
      ])
  }

  @Test(arguments: [
    ("", "line 1", "empty"), ("image,label\n\n", "the list", "has no rows"),
    ("image,label\ns/a.nii.gz\n", "line 2", "1 fields and the first line 2"),
    ("image,label\n\ns/a.nii.gz,\"m/a.nii.gz\n", "line 3", "quote is not closed"),
    ("image,label\ns/\"a.nii.gz,m/a.nii.gz\n", "line 2", "a quote stands inside"),
    ("image,label\n\"s/a\"x,m/a.nii.gz\n", "line 2", "follows the closing quote"),
    ("image,IMAGE\na,b\n", "line 1", "two columns \"IMAGE\""), ("scan,label\na,b\n", "columns", "\"image\""),
    ("image,image_T1\na,b\n", "columns", "\"image_\""),
    ("image,label\n,m/a.nii.gz\n", "line 2, \"image\"", "empty path"),
    ("image,label,split\ns/a.nii.gz,m/a.nii.gz,tset\n", "line 2", "\"split\" is \"tset\""),
    ("image,label,split\ns/a.nii.gz,,train\n", "line 2", "has no \"label\""),
    ("image,label,fold\ns/a.nii.gz,m/a.nii.gz,x\n", "line 2", "\"fold\" is \"x\""),
    ("image,label,fold\ns/a.nii.gz,m/a.nii.gz,1\ns/b.nii.gz,m/b.nii.gz,2\n", "\"fold\"", "1, 2"),
    ("image\ns/a.nii.gz\n", "no case with a mask", ""),
  ])
  func mistakesAreNamedWithTheirLine(_ text: String, _ place: String, _ reason: String) throws {
    let sentence = try refusal(text)
    #expect(sentence.contains(place) && (reason.isEmpty || sentence.contains(reason)), "\(sentence)")
  }

  @Test func channelsAreColumns() throws {
    let dataset = try read("image_T1,image_FLAIR,label\ns/a.nii.gz,s/b.nii.gz,m/a.nii.gz\n")
    #expect(dataset.channelNames == ["T1", "FLAIR"])
    #expect(dataset.training[0].imagePaths == ["a", "b"].map { data.file("s/\($0).nii.gz") })
    let sentence = try refusal("image_T1,image_FLAIR,label\ns/a.nii.gz,,m/a.nii.gz\n")
    #expect(sentence.contains("line 2, \"image_flair\" is an empty path"), "\(sentence)")
  }

  @Test func subjectsFoldsAndSplits() throws {
    let dataset = try read(
      """
      image,label,subject,fold,split
      s/a.nii.gz,m/a.nii.gz,p1,0,train
      s/b.nii.gz,m/b.nii.gz,p1,1,VAL
      s/c.nii.gz,m/a.nii.gz,p2,,test
      """)
    #expect(dataset.training.map(\.subject) == ["p1", "p1"] && dataset.test.map(\.name) == ["c"])
    #expect(dataset.listedSplit?.parts == [Splits.Part(training: ["a"], validation: ["b"])])
    #expect(
      dataset.listedFolds?.parts == [
        Splits.Part(training: ["b"], validation: ["a"]), Splits.Part(training: ["a"], validation: ["b"]),
      ])
    #expect(dataset.listedSplit?.origin == "column \"split\" of \(data.file("cases.csv"))")
    #expect(dataset.summary == "list of cases: 3 cases with masks, 0 without, 1 of them kept for the test")
  }

  @Test func isReadFromJSON() throws {
    let dataset = try read(
      """
      [{"image": "s/a.nii.gz", "label": "m/a.nii.gz", "fold": 0, "subject": 7},
       {"image": "s/b.nii.gz", "label": "m/b.nii.gz", "fold": 1, "age": [1]}]
      """, "cases.json")
    #expect(dataset.training.map(\.name) == ["a", "b"] && dataset.listedFolds?.parts.count == 2)
    #expect(dataset.training.map(\.subject) == ["7", nil])
    #expect(dataset.remarks.map(\.finding) == [.list(.unusedColumns(["age"]))])
    #expect(try refusal("{}", "cases.json").contains("list of objects"))
    #expect(try refusal("[{\"image\": \"a\"}, 3]", "cases.json").contains("entry 2"))
    #expect(try refusal("[{\"image\": true}]", "cases.json").contains("\"image\" is no text"))
    #expect(try refusal("[\n{\"image\": }]", "cases.json").contains("line 2"))
  }

  @Test func isRecognisedInAFolder() throws {
    try data.text("image,label\ns/a.nii.gz,m/a.nii.gz\n", to: "dataset.csv")
    #expect(try Dataset(folder: data.path).layout == .caseList)
  }

  @Test func hiddenNamesAreLeftOut() throws {
    let dataset = try read("image,label\ns/._a.nii.gz,m/a.nii.gz\ns/b.nii.gz,m/b.nii.gz\n")
    #expect(dataset.training.map(\.name) == ["b"] && dataset.skippedCount == 1)
  }

  @Test func missingFilesAreSaid() {
    let path = data.file("none.csv")
    #expect(throws: DatasetError.notFound(path: path)) { try Dataset(list: path) }
  }
}
