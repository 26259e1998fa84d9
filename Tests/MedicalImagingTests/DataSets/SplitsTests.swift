import MedicalImaging
import Testing

@Suite struct SplitsTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func read(_ text: String) throws -> Splits {
    return try Splits(contentsOf: try folder.write(text.utf8, to: "splits_final.json"))
  }

  private let cases = ["a", "b", "c"].map { Case(imagePath: $0 + ".nii") }

  @Test func readsNNUNetsForm() throws {
    let splits = try read(#"[{"train": ["a", "b"], "val": ["c"]}, {"train": ["c"], "val": ["a"]}]"#)
    #expect(
      splits.parts == [
        Splits.Part(training: ["a", "b"], validation: ["c"]), Splits.Part(training: ["c"], validation: ["a"]),
      ])
    #expect(splits.origin == folder.file("splits_final.json") && "\(splits)" == splits.origin)
    try splits.requireNames(of: cases)
    #expect(splits.leftOut(of: cases, part: 0).isEmpty)
    #expect(splits.leftOut(of: cases, part: 1).map(\.name) == ["b"])
  }

  @Test(arguments: [
    ("{}", "no list of divisions"), ("[]", "no list of divisions"), ("[{}]", "entry 0"),
    (#"[{"train": ["a"], "val": [1]}]"#, "entry 0"),
    (#"[{"train": [], "val": ["a"]}]"#, "\"train\" of entry 0 is empty"),
    (#"[{"train": ["a", "b"], "val": ["b"]}]"#, "b both train and validate in division 0"),
    ("[\n[", "line 2"),
  ])
  func mistakesAreNamed(_ text: String, _ reason: String) throws {
    do {
      _ = try read(text)
      Issue.record("\(text)")
    } catch let error as DatasetError {
      #expect("\(error)".contains(reason) && isOneSentence("\(error)"), "\(error)")
    }
  }

  @Test func namesThatNoCaseHasAreNamed() throws {
    let splits = try read(#"[{"train": ["a", "x"], "val": ["y"]}]"#)
    #expect(throws: DatasetError.splits(path: splits.origin, .unknownCases(["x", "y"]))) {
      try splits.requireNames(of: cases)
    }
  }
}
