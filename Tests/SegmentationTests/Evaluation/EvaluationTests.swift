import Foundation
import MedicalImaging
import Segmentation
import Testing

@Suite struct EvaluationTests {
  private let size = GridSize(8, 8, 8)

  private func mask(_ voxels: [(Int, Int, Int, UInt8)]) -> LabelVolume {
    var labels = [UInt8](repeating: 0, count: size.count)
    for (i, j, k, label) in voxels { labels[(k * 8 + j) * 8 + i] = label }
    return LabelVolume(size: size, geometry: Geometry(spacing: [1, 1, 2]), labels: labels)
  }

  private func row(_ label: UInt8, j: Int, count: Int = 4) -> [(Int, Int, Int, UInt8)] {
    (0..<count).map { ($0, j, 2, label) }
  }

  private func entry(_ name: String, _ prediction: LabelVolume, _ truth: LabelVolume) -> CaseEvaluation {
    CaseEvaluation(
      caseName: name,
      classes: [("Head", 1), ("Tail", 2)].map { className, label in
        let largest = prediction.keepingLargestComponent(of: UInt8(label))
        return ClassEvaluation(
          className: className, softDice: 0.5,
          metrics: ClassMetrics(prediction: prediction, truth: truth, label: UInt8(label)),
          largestComponentMetrics: ClassMetrics(prediction: largest, truth: truth, label: UInt8(label)))
      })
  }

  /// Head: a speck beside the structure; in the truth Tail has two parts. Tail is absent in the second case.
  private var evaluation: Evaluation {
    let truth = mask(row(1, j: 0) + row(2, j: 3) + [(7, 7, 7, 2)])
    let prediction = mask(row(1, j: 0) + [(7, 0, 7, 1)] + row(2, j: 3) + [(7, 7, 7, 2)])
    return Evaluation(
      classNames: ["Head", "Tail"],
      cases: [
        entry("first, \"one\"", prediction, truth), entry("second", mask(row(1, j: 1)), mask(row(1, j: 1))),
      ])
  }

  @Test func onlyClassesThatGainAreReducedToTheirLargestComponent() throws {
    let choice = evaluation.bestPostprocessing
    #expect(choice.keepLargest == ["Head"])
    let processed = evaluation.applying(choice)
    #expect(processed.cases[0].classes[0].metrics.dice == .value(1))
    #expect(evaluation.cases[0].classes[0].metrics.dice == .value(8.0 / 9))
    #expect(processed.cases[0].classes[1] == evaluation.cases[0].classes[1])
  }

  /// Head: where the truth has two parts, the largest component alone is worse.
  private var twoParts: CaseEvaluation {
    let truth = mask(row(1, j: 0) + [(7, 0, 7, 1)])
    return entry("third", truth, truth)
  }

  /// What one fold gains by its own choice does not count: the other fold's cases decide.
  @Test func noCaseDecidesOnItsOwnFigures() throws {
    let gains = Evaluation(classNames: ["Head", "Tail"], cases: [evaluation.cases[0]])
    let loses = Evaluation(
      classNames: ["Head", "Tail"], cases: [twoParts],
      failures: [CaseFailure(caseName: "lost", reason: "damaged")])
    let outOfFold = OutOfFoldEvaluation([gains, loses])
    #expect(outOfFold.nestedPostprocessings.map(\.keepLargest) == [[], ["Head"]])
    let nested = outOfFold.nested
    #expect(nested.cases.map(\.caseName) == ["first, \"one\"", "third"] && nested.failures.count == 1)
    #expect(nested.cases[0] == gains.cases[0])
    #expect(nested.cases[1].classes[0].metrics.dice == .value(8.0 / 9))
    #expect(outOfFold.unprocessed.cases[1].classes[0].metrics.dice == .value(1))
    // All cases together are undecided, and by themselves each fold would look better.
    #expect(outOfFold.postprocessing.keepLargest.isEmpty)
    let flattered = gains.applying(gains.bestPostprocessing).joined(with: loses)
    #expect(try #require(nested.meanForegroundDice) < flattered.meanForegroundDice!)
  }

  @Test func aFoldWithoutOthersIsLeftAsItIs() {
    let outOfFold = OutOfFoldEvaluation([evaluation])
    #expect(outOfFold.postprocessing.keepLargest == ["Head"])
    #expect(outOfFold.nestedPostprocessings == [Postprocessing()] && outOfFold.nested == evaluation)
  }

  /// Divisions that somebody listed may measure a case twice; it has no say in either fold.
  @Test func sharedCasesDecideInNoFoldThatMeasuresThem() {
    let outOfFold = OutOfFoldEvaluation([evaluation, evaluation])
    #expect(outOfFold.nestedPostprocessings == [Postprocessing(), Postprocessing()])
  }

  @Test func termsTellTheChoiceOfEachFold() throws {
    var terms = terms
    terms.masks = .model(
      "m", checkpoint: .last, testTimeAugmentation: false, keepLargest: ["Head"],
      keepLargestByFold: ["fold-10": [], "fold-2": ["Head", "Tail"]])
    let text = try evaluation.json(terms)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let found = try #require(object["terms"] as? [String: Any])
    #expect(found["keep_largest"] as? [String] == ["Head"])
    #expect(
      found["keep_largest_by_fold"] as? [String: [String]] == ["fold-10": [], "fold-2": ["Head", "Tail"]])
    #expect(
      ["fold-10": [], "fold-2": ["Head", "Tail"]].nestedChoice == "fold-2: Head, Tail; fold-10: no class")
    #expect(["fold-0": ["Head"], "fold-1": ["Head"]].nestedChoice == "in every fold: Head")
  }

  @Test func postprocessingIsKeptWithTheModels() throws {
    try withTemporaryFolder { path in
      let folder = ModelFolder(path)
      #expect(try Postprocessing(folder) == Postprocessing())
      try Postprocessing(keepLargest: ["Head"]).write(to: folder)
      #expect(try Postprocessing(folder).keepLargest == ["Head"])
      try Data("{".utf8).write(to: URL(fileURLWithPath: folder.postprocessingPath))
      #expect(throws: SegmentationError.self) { try Postprocessing(folder) }
    }
  }

  @Test func meansMediansAndTheWorstAreNamed() {
    let mean: Double = (8.0 / 9 + 1) / 2
    #expect(evaluation.mean(0, EvaluationFigure.dice.value) == mean)
    #expect(evaluation.median(1, EvaluationFigure.dice.value) == 1)
    #expect(evaluation.casesByDice.map(\.caseName) == ["first, \"one\"", "second"])
    #expect(evaluation.summary().contains("worst: first, \"one\" 0.944"))
    #expect(evaluation.table().contains("Tail, median"))
  }

  private let terms = EvaluationTerms(
    dataset: "Task, one", split: "out-of-fold",
    masks: .model("m", checkpoint: .last, testTimeAugmentation: true, keepLargest: ["Head"]),
    version: "1.2.3", date: Date(timeIntervalSince1970: 1_700_000_000))

  /// A model that misses a class in some cases does not look better for it.
  @Test func distancesSayOverHowManyCases() throws {
    let (missed, found) = (mask([]), mask(row(1, j: 0)))
    let evaluation = Evaluation(
      classNames: ["Head", "Tail"],
      cases: [entry("a", found, found), entry("b", missed, found), entry("c", found, missed)])
    #expect(evaluation.distanceCount(0) == DistanceCount(measured: 1, present: 2))
    let lines = evaluation.table().split(separator: "\n")
    #expect(lines[1].contains("0.0000 (1 of 2)") && lines[1].contains("0.5000"), "\(lines[1])")
    let tail = try #require(lines.first { $0.hasPrefix("Tail ") })
    #expect(tail.contains("absent") && !tail.contains("of 0"), "\(tail)")
    let never = Evaluation(classNames: ["Head", "Tail"], cases: [entry("b", missed, found)])
    #expect(never.table().contains("missed (0 of 1)"))
  }

  @Test func theDataSetOfTheTrainingIsKnownByItsNames() throws {
    let record = ModelRecord(
      options: TrainingOptions(), preparation: try plainPreparation(), datasetName: "Phantom",
      trainingCases: ["a"], validationCases: [])
    try withTemporaryFolder { folder in
      let data = try PhantomDataset.write(
        PhantomConfiguration(caseCount: 3, testCaseCount: 0, seed: 3), to: folder)
      var own = record
      own.datasetName = data.name
      own.trainingCases = [data.training[0].name]
      own.validationCases = [data.training[1].name]
      #expect(own.wasTrained(on: data))
      var renamed = own
      renamed.datasetName += "2"
      #expect(!renamed.wasTrained(on: data))
      own.validationCases.append("another")
      #expect(!own.wasTrained(on: data))
    }
  }

  @Test func theJSONSaysOnWhatTermsAndWhatIsAbsent() throws {
    let text = try evaluation.json(terms)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let found = try #require(object["terms"] as? [String: Any])
    #expect(found["test_time_augmentation"] as? Bool == true && found["checkpoint"] as? String == "last")
    #expect(found["data_set"] as? String == "Task, one" && found["model"] as? String == "m")
    #expect(found["version"] as? String == "1.2.3" && found["date"] as? String == "2023-11-14T22:13:20Z")
    #expect((found["keep_largest"] as? [String]) == ["Head"])
    let worst = try #require(object["worst"] as? [[String: Any]])
    #expect(worst.map { $0["name"] as? String } == ["first, \"one\"", "second"])
    let summary = try #require((object["summary"] as? [String: Any])?["Tail"] as? [String: Any])
    let dice = try #require(summary["dice"] as? [String: Any])
    #expect(dice["median"] as? Double == 1 && dice["absent_in_both"] as? Int == 1)
    #expect(summary["mean_true_volume_mm3"] as? Double == 5)
    let mean = try #require(object["mean_foreground_dice"] as? Double)
    #expect(abs(mean - evaluation.meanForegroundDice!) < 1e-12)
  }

  /// The Dice of `BootstrapTests`, whose interval NumPy gives.
  private func scored(_ dice: [Double]) throws -> Evaluation {
    let cases = try dice.enumerated().map { index, dice in
      let text =
        "{\"dice\": \(dice), \"hausdorff95\": \"absent in prediction\", \"averageSurfaceDistance\": 1, "
        + "\"normalizedSurfaceDice\": 1, \"predictedVolume\": 1, \"trueVolume\": 1}"
      let metrics = try JSONDecoder().decode(ClassMetrics.self, from: Data(text.utf8))
      return CaseEvaluation(
        caseName: "case \(index)", classes: [ClassEvaluation(className: "Head", metrics: metrics)])
    }
    return Evaluation(classNames: ["Head"], cases: cases)
  }

  @Test func meansHaveConfidenceIntervalsInTableAndJSON() throws {
    let evaluation = try scored([0.91, 0.85, 0.78, 0.88, 0.93, 0.67, 0.81, 0.90, 0.86, 0.74])
    let interval = try #require(evaluation.confidenceInterval(0, .dice))
    #expect(abs(interval.lower - 0.783) < 1e-9 && abs(interval.upper - 0.877025) < 1e-9)
    #expect(evaluation.foregroundConfidenceInterval(.dice) == interval)
    #expect(evaluation.confidenceInterval(0, .hausdorff95) == nil)
    let lines = evaluation.table().split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(lines[2] == ["Head,", "95", "%", "from", "0.7830", "-", "1.0000", "1.0000"])
    #expect(lines[3] == ["Head,", "95", "%", "to", "0.8770", "-", "1.0000", "1.0000"])
    #expect(evaluation.summary().contains("over 10 cases; 95 % interval 0.7830 to 0.8770; worst: case 5"))
    let text = try evaluation.json(terms)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let head = try #require((object["confidence_interval_95"] as? [String: [String: Any]])?["Head"])
    let dice = try #require(head["dice"] as? [Double])
    #expect(dice.count == 2 && abs(dice[0] - 0.783) < 1e-9 && abs(dice[1] - 0.877025) < 1e-9)
    #expect(head["hd95_mm"] is NSNull)
    let foreground = object["mean_foreground_dice_confidence_interval_95"] as? [Double]
    #expect(foreground == dice)
  }

  @Test func oneCaseHasNoInterval() throws {
    let evaluation = try scored([0.9])
    #expect(!evaluation.table().contains("95 %") && !evaluation.summary().contains("interval"))
    #expect(try !evaluation.json(terms).contains("mean_foreground_dice_confidence_interval_95"))
  }

  @Test func modelsOfOtherDivisionsAreNoCrossValidation() throws {
    func record(_ fold: Fold?, epochs: Int = 2, seed: UInt64 = 0) throws -> ModelRecord {
      var options = TrainingOptions()
      (options.fold, options.epochs, options.splitSeed) = (fold, epochs, seed)
      return ModelRecord(
        options: options, preparation: try plainPreparation(), datasetName: "d", trainingCases: [],
        validationCases: [])
    }
    let folder = ModelFolder("m")
    let gaps = try CrossValidation(folder, [record(Fold(0, of: 3)), record(Fold(2, of: 3))]).gaps
    #expect(gaps.count == 3 && gaps[0].contains("m/fold-1") && gaps[1].contains("0 of 2 epochs"))
    for other in [try record(Fold(1, of: 2)), try record(Fold(1, of: 3), seed: 1), try record(nil)] {
      #expect(throws: SegmentationError.foldsDiffer(folder: "m")) {
        try CrossValidation(folder, [record(Fold(0, of: 3)), other])
      }
    }
  }

  /// Names alone: numbers stay numbers, their signs too.
  @Test func spreadsheetsFindNoFormulas() {
    let mask = mask(row(1, j: 0))
    let names = ["=1+1", "+a", "-b", "@c", "\t=d", "e=f"]
    let table = Evaluation(classNames: ["Head", "Tail"], cases: names.map { entry($0, mask, mask) })
      .csv(terms)
    let lines = table.components(separatedBy: "\r\n").dropFirst()
    let cells = lines.compactMap { $0.split(separator: ",").first.map(String.init) }
    let wanted = ["'=1+1", "'+a", "'-b", "'@c", "\\u0009=d", "e=f"]
    #expect(cells == wanted.flatMap { [$0, $0] })
    #expect(!table.contains("'0"))
  }

  @Test func theTableOfCasesSaysWhatIsAbsent() {
    let lines = evaluation.csv(terms).components(separatedBy: "\r\n")
    #expect(lines.count == 6 && lines[5].isEmpty)
    #expect(lines[0].hasPrefix("case,class,soft_dice,dice,hd95_mm,assd_mm,nsd_1mm,"))
    #expect(lines[1].hasPrefix("\"first, \"\"one\"\"\",Head,0.5,0.888"))
    #expect(lines[1].hasSuffix(",10.0,8.0,\"Task, one\",out-of-fold,last,1.2.3,2023-11-14T22:13:20Z"))
    #expect(lines[4].hasPrefix("second,Tail,absent,absent,absent,absent,absent,0.0,0.0,"))
  }
}
