import CPUBackend
import Foundation
import MedicalImaging
import Networks
import Segmentation
import Testing

/// Training by a division that somebody listed, and by subjects; what was used stays with the model.
@Suite struct ListedSplitTests {
  private func options(_ change: (inout TrainingOptions) -> Void) -> TrainingOptions {
    var options = TrainingOptions()
    options.network.architecture.vnet!.filters = 2
    options.network.inputShape = [16, 16, 16]
    options.epochs = 1
    change(&options)
    return options
  }

  private func session(
    _ dataset: Dataset, _ folder: String, resume: Bool = false, _ change: (inout TrainingOptions) -> Void
  ) throws -> TrainingSession {
    try TrainingSession(
      survey: DatasetSurvey(dataset), folder: ModelFolder(folder), options: options(change), resume: resume,
      executor: try CPUExecutor())
  }

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "nothing was refused"
    } catch {
      return "\(error)"
    }
  }

  private let names = (1...6).map { "phantom_00\($0)" }

  private func phantom(_ folder: String) throws -> Dataset {
    try PhantomDataset.write(PhantomConfiguration(caseCount: 6, testCaseCount: 0), to: folder + "/data")
  }

  @Test func splitsDecideAndStayWithTheModel() throws {
    try withTemporaryFolder { folder in
      let dataset = try phantom(folder)
      let splits = Splits(
        origin: "splits.json",
        parts: [
          Splits.Part(training: Array(names[1...2]), validation: [names[0]]),
          Splits.Part(training: Array(names[3...5]), validation: Array(names[0...2])),
        ])
      let session = try session(dataset, folder + "/m") {
        $0.splits = splits
        $0.fold = Fold(0, of: 2)
      }
      #expect(session.record.trainingCases == Array(names[1...2]))
      #expect(session.record.validationCases == [names[0]])
      #expect(session.record.divisionSummary == "by splits.json, division 0 of 2")
      #expect(
        session.record.leftOut(of: dataset).map(\.finding) == [.list(.inNoPart(names: Array(names[3...5])))])
      let data = try JSONEncoder().encode(session.record)
      #expect(try JSONDecoder().decode(ModelRecord.self, from: data) == session.record)
    }
  }

  @Test func splitsOfOtherCasesAreRefused() throws {
    try withTemporaryFolder { folder in
      let dataset = try phantom(folder)
      func refusal(_ part: Splits.Part, _ fold: Fold? = nil) -> String {
        message {
          _ = try session(dataset, folder + "/m") {
            $0.splits = Splits(origin: "splits.json", parts: [part])
            $0.fold = fold
          }
        }
      }
      #expect(
        refusal(Splits.Part(training: ["x", names[0]], validation: [])).contains(
          "splits.json: the data set has no case x"))
      #expect(refusal(Splits.Part(training: [], validation: [names[0]])).contains("no case to train with"))
      #expect(
        refusal(Splits.Part(training: [names[0]], validation: []), Fold(0, of: 3)).contains(
          "has 1 divisions, and 3 folds"))
    }
  }

  @Test func subjectsAreFoundInNames() throws {
    try withTemporaryFolder { folder in
      let dataset = try phantom(folder)
      let single = try session(dataset, folder + "/m") { $0.subjectPattern = "_([0-9]+)$" }
      #expect(single.record.subjectCount == nil && single.record.options.subjectPattern == "_([0-9]+)$")
      let pairs = try self.session(dataset, folder + "/n") {
        $0.subjectPattern = "^(phantom)_"
        $0.trainingFraction = 1
      }
      #expect(pairs.record.subjectCount == 1 && pairs.record.trainingCases == names)
      #expect(
        pairs.record.divisionSummary?.hasSuffix("1 subjects kept together by --subject-pattern ^(phantom)_")
          == true)
    }
  }

  @Test func patternsThatFindNothingAreRefused() throws {
    try withTemporaryFolder { folder in
      let dataset = try phantom(folder)
      func refusal(_ pattern: String) -> String {
        message { _ = try session(dataset, folder + "/m") { $0.subjectPattern = pattern } }
      }
      #expect(refusal("^(sub-[0-9]+)").contains("finds no subject in \(names[0])"))
      #expect(refusal("phantom").contains("no group in parentheses"))
      #expect(refusal("(").contains("no regular expression"))
    }
  }

  @Test func listedSubjectsAreKeptTogether() throws {
    try withTemporaryFolder { folder in
      let data = try phantom(folder)
      var rows = ["image,label,subject"]
      for (index, entry) in data.training.enumerated() {
        rows.append("\(entry.imagePath),\(entry.labelPath!),s\(index / 2)")
      }
      let path = folder + "/cases.csv"
      try rows.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
      let dataset = try Dataset(list: path)
      let session = try session(dataset, folder + "/m") { $0.trainingFraction = 0.7 }
      #expect(session.record.trainingCases.count == 4 && session.record.subjectCount == 3)
      #expect(
        Set(session.split.training.map(\.subject)).isDisjoint(with: session.split.validation.map(\.subject)))
      #expect(session.record.divisionSummary?.contains("3 subjects kept together") == true)
      let folds = message { _ = try self.session(dataset, folder + "/n") { $0.fold = Fold(0, of: 4) } }
      #expect(folds.contains("3 subjects") && folds.contains("4 folds"))
      let pattern = message { _ = try self.session(dataset, folder + "/n") { $0.subjectPattern = "(.*)" } }
      #expect(pattern.contains("lists the subjects"))
    }
  }

  /// A division with one subject on both sides measures what it trained on.
  @Test func subjectsOnBothSidesAreRefused() throws {
    try withTemporaryFolder { folder in
      let dataset = try phantom(folder)
      let parts = [
        Splits.Part(training: Array(names[0...1]), validation: Array(names[2...3])),
        Splits.Part(training: Array(names[2...4]), validation: [names[5]]),
      ]
      func refusal(_ pattern: String, fold: Int) -> String {
        message {
          _ = try session(dataset, folder + "/\(fold)") {
            $0.splits = Splits(origin: "splits.json", parts: parts)
            $0.fold = Fold(fold, of: 2)
            $0.subjectPattern = pattern
          }
        }
      }
      let both = refusal("^(phantom)_", fold: 0)
      #expect(
        both.hasPrefix("splits.json: \(names[0]) trains and \(names[2]) validates in division 0"), "\(both)")
      #expect(both.hasSuffix("keep each subject in one part."))
      #expect(refusal("_(00[0-9])$", fold: 0) == "nothing was refused")
    }
  }

  /// One scan that is listed twice would train as one and be measured as another.
  @Test func scansListedTwiceAreRefused() throws {
    try withTemporaryFolder { folder in
      let data = try phantom(folder)
      let path = folder + "/data/dataset.json"
      let json = try String(contentsOfFile: path, encoding: .utf8)
      try json.replacing("imagesTr/phantom_002", with: "imagesTr/phantom_001").write(
        toFile: path, atomically: true, encoding: .utf8)
      let dataset = try Dataset(folder: folder + "/data")
      #expect(dataset.training.count == data.training.count)
      let refusal = message { _ = try session(dataset, folder + "/m") { _ in } }
      #expect(refusal.contains("phantom_001.nii.gz is listed twice"), "\(refusal)")
    }
  }
}
