import Foundation
import Segmentation
import Testing

@Suite struct EvaluationComparisonTests {
  /// A case as JSON with a class of a Dice, and one more that both files have alike.
  private func entry(_ name: String, _ dice: String, hausdorff: String = "2.5", trueVolume: Double = 8)
    -> String
  {
    """
    {"name": "\(name)", "classes": {
      "Head": {"dice": \(dice), "hd95_mm": \(hausdorff), "true_volume_mm3": \(trueVolume)},
      "Tail": {"dice": 0.5, "hd95_mm": "absent in prediction", "true_volume_mm3": 1}}}
    """
  }

  private func write(_ cases: [String], to path: String) throws -> EvaluationFile {
    try Data("{\"cases\": [\(cases.joined(separator: ","))]}".utf8).write(to: URL(fileURLWithPath: path))
    return try EvaluationFile(contentsOf: path)
  }

  private let names = ["a", "b", "c", "d", "e", "f", "g", "h"]
  private let before = [0.80, 0.75, 0.90, 0.60, 0.85, 0.70, 0.66, 0.81]
  private let changes = [0.02, -0.01, 0.03, 0, 0.05, 0.04, -0.005, 0.06]

  private func withComparison(_ body: (EvaluationComparison) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let first = try write(
        zip(names, before).map { entry($0, "\($1)") } + [entry("only here", "0.1")], to: folder + "/a.json")
      let second = try write(
        names.indices.reversed().map { index in
          entry(
            names[index], "\(before[index] + changes[index])",
            hausdorff: index == 2 ? "\"absent in prediction\"" : "2", trueVolume: index == 1 ? 9 : 8)
        }, to: folder + "/b.json")
      try body(EvaluationComparison(first, second))
    }
  }

  // numpy and scipy: d = changes; d.mean(), stats.sem(d); the interval as in BootstrapTests; stats.wilcoxon(d[d != 0]).
  @Test func pairsAreComparedAsSciPyDoes() throws {
    try withComparison { comparison in
      #expect(comparison.cases == names && comparison.casesOnlyInFirst == ["only here"])
      #expect(comparison.figures == [.dice, .hausdorff95])
      let dice = comparison.difference(of: .dice, "Head")
      #expect(dice.pairs.count == 8 && dice.gaps.isEmpty)
      #expect(abs(try #require(dice.meanDifference) - 0.023125) < 1e-12)
      #expect(abs(try #require(dice.standardError) - 0.009303297226559747) < 1e-12)
      let interval = try #require(dice.interval)
      #expect(abs(interval.lower - 0.00625) < 1e-12 && abs(interval.upper - 0.04) < 1e-12)
      let test = try #require(dice.test)
      #expect(test.probability == 0.078125 && test.count == 7 && test.isExact)
      #expect(abs(try #require(dice.firstMean) - 0.75875) < 1e-12)
      #expect(abs(try #require(dice.secondMean) - 0.781875) < 1e-12)
      #expect(dice.moved(atMost: 3).map(\.caseName) == ["h", "e", "f"])
      #expect(dice.moved(atMost: 99).map(\.caseName) == ["h", "e", "f", "c", "a", "b", "g"])
      // Half of each case's mean is the other class, which does not move.
      let mean = comparison.foregroundDifference(of: .dice)
      #expect(abs(try #require(mean.meanDifference) - 0.023125 / 2) < 1e-12)
      #expect(abs(try #require(mean.firstMean) - (0.75875 + 0.5) / 2) < 1e-12)
    }
  }

  @Test func whatCannotBeMeasuredIsLeftOutAndTold() throws {
    try withComparison { comparison in
      let distance = comparison.difference(of: .hausdorff95, "Head")
      #expect(distance.pairs.count == 7)
      #expect(distance.gaps.map(\.caseName) == ["c"])
      #expect(distance.gaps.allSatisfy { !$0.isMissingInFirst && $0.isMissingInSecond })
      let never = comparison.difference(of: .hausdorff95, "Tail")
      #expect(
        never.pairs.isEmpty && never.meanDifference == nil && never.interval == nil && never.test == nil)
      #expect(never.gaps.count == 8)
      let text = comparison.text()
      #expect(text.contains("Head, HD95 (mm): no value in c (B)"), "\(text)")
      #expect(text.contains("Tail, HD95 (mm): no value in a (A, B), b (A, B)"), "\(text)")
      #expect(text.contains("moved most, Dice") && text.contains("8 cases in both"))
      #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 || $0.contains("no value") }, "\(text)")
      let remarks = comparison.remarks
      #expect(
        remarks.count == 2 && remarks[0].contains("1 case is in this file only and left out: only here"))
      #expect(remarks[1].contains("1 case has another true volume") && remarks[1].contains(": b;"))
    }
  }

  @Test func theJSONHasEveryFigure() throws {
    try withComparison { comparison in
      let text = try comparison.json()
      let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
      #expect((object["cases"] as? [String]) == names)
      #expect((object["cases_of_other_truth"] as? [String]) == ["b"])
      #expect(((object["a"] as? [String: Any])?["cases_only_here"] as? [String]) == ["only here"])
      let head = try #require((object["classes"] as? [String: [String: [String: Any]]])?["Head"])
      let dice = try #require(head["dice"])
      #expect((dice["confidence_interval_95"] as? [Double])?.count == 2)
      let wilcoxon = try #require(dice["wilcoxon"] as? [String: Any])
      #expect(wilcoxon["p"] as? Double == 0.078125 && wilcoxon["method"] as? String == "exact")
      let moved = try #require(dice["moved_most"] as? [[String: Any]])
      #expect(moved.first?["name"] as? String == "h" && moved.first?["a"] as? Double == 0.81)
      let gaps = try #require(head["hd95_mm"]?["left_out"] as? [[String: Any]])
      #expect(gaps.map { $0["name"] as? String } == ["c"] && gaps[0]["missing_in"] as? [String] == ["b"])
    }
  }

  /// Two files of the same figures: no difference, and nothing to test.
  @Test func equalEvaluationsDoNotDiffer() throws {
    try withTemporaryFolder { folder in
      let file = try write([entry("a", "0.5"), entry("b", "0.7")], to: folder + "/a.json")
      let dice = try EvaluationComparison(file, file).difference(of: .dice, "Head")
      #expect(dice.meanDifference == 0 && dice.standardError == 0 && dice.test == nil)
      #expect(dice.interval == ConfidenceInterval(lower: 0, upper: 0))
      #expect(try EvaluationComparison(file, file).text().contains("no case's Dice moved"))
    }
  }

  @Test func whatIsNoEvaluationIsRefused() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.json"
      func refusal(_ text: String) -> ComparisonError? {
        try? Data(text.utf8).write(to: URL(fileURLWithPath: path))
        do {
          _ = try EvaluationFile(contentsOf: path)
          return nil
        } catch { return error as? ComparisonError }
      }
      func cases(_ entries: String...) -> String { "{\"cases\": [\(entries.joined(separator: ","))]}" }
      for text in [
        "", "{", "[]", "{}", "{\"cases\": [1]}", cases(entry("a", "\"lost\"")), cases(entry("a", "1e999")),
      ] {
        #expect(refusal(text) == .notEvaluation(path: path), "\(text)")
      }
      #expect(refusal(cases()) == .noCases(path: path))
      #expect(refusal(cases(entry("a", "1"), entry("a", "1"))) == .duplicateCase(path: path, name: "a"))
      let odd = { (figure: String) in
        ComparisonError.implausibleFigure(path: path, caseName: "a", className: "Head", figure: figure)
      }
      #expect(refusal(cases(entry("a", "1.5"))) == odd("dice"))
      #expect(refusal(cases(entry("a", "1", hausdorff: "-1"))) == odd("hd95_mm"))
      #expect(refusal(cases(entry("a", "1", hausdorff: "1e300"))) == odd("hd95_mm"))
      let other = "{\"name\": \"b\", \"classes\": {\"Head\": {\"dice\": 1}}}"
      #expect(refusal(cases(entry("a", "1"), other)) == .unevenClasses(path: path, caseName: "b"))
      #expect(throws: ComparisonError.isFolder(path: folder)) { try EvaluationFile(contentsOf: folder) }
      let nowhere = folder + "/nowhere.json"
      #expect(throws: ComparisonError.notFound(path: nowhere)) { try EvaluationFile(contentsOf: nowhere) }
    }
  }

  @Test func evaluationsOfOtherCasesOrClassesAreRefused() throws {
    try withTemporaryFolder { folder in
      let (path, otherPath) = (folder + "/a.json", folder + "/b.json")
      let file = try write([entry("a", "0.5")], to: path)
      let cases = try write([entry("b", "0.5")], to: otherPath)
      #expect(
        throws: ComparisonError.noCommonCases(first: path, name: "a", second: otherPath, otherName: "b")
      ) { try EvaluationComparison(file, cases) }
      let classes = try write(["{\"name\": \"a\", \"classes\": {\"Head\": {\"dice\": 1}}}"], to: otherPath)
      #expect(
        throws: ComparisonError.classesDiffer(
          path: otherPath, found: ["Head"], other: path, expected: ["Head", "Tail"])
      ) { try EvaluationComparison(file, classes) }
    }
  }
}
