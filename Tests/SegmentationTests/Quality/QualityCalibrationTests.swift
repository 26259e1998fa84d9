import Foundation
import MedicalImaging
import Segmentation
import Testing

@Suite struct QualityCalibrationTests {
  private static func mask(_ labels: [UInt8]) -> LabelVolume {
    LabelVolume(size: GridSize(labels.count, 1, 1), geometry: Geometry(spacing: [1, 1, 1]), labels: labels)
  }

  /// A case of a class "a" whose Dice is a whole number of hundredths.
  private static func entry(_ name: String, _ dice: Double) -> CaseEvaluation {
    let common = Int((dice * 100).rounded())
    let metrics = ClassMetrics(
      prediction: mask((0..<200).map { $0 < 100 ? 1 : 0 }),
      truth: mask((0..<200).map { (100 - common..<200 - common).contains($0) ? 1 : 0 }), label: 1)
    return CaseEvaluation(caseName: name, classes: [ClassEvaluation(className: "a", metrics: metrics)])
  }

  @Test func agreementIsTheMeanDiceOfAllPairs() {
    let labels = LabelScheme(classNames: ["background", "a", "b"])
    let masks = [[1, 1, 0, 0], [1, 0, 0, 0], [1, 1, 0, 0]].map(Self.mask)
    let values = MaskAgreement.values(masks, of: labels.structures)
    // Pairs: 2/3, 1 and 2/3; nobody has b.
    #expect(abs((values[0] ?? 0) - (2.0 / 3 + 1 + 2.0 / 3) / 3) < 1e-12 && values[1] == nil)
    #expect(MaskAgreement.values([Self.mask([2, 0]), Self.mask([0, 0])], of: labels.structures)[1] == 0)
  }

  /// Of names that tables write otherwise, too.
  @Test(arguments: ["a", "=a", "a,\"b\"", "a\u{1B}b"]) func aTableIsReadAndGoesOn(_ name: String) throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let estimate = QualityEstimate(uncalibrated: [0.5, nil], ["one", "-two"])
    var table = QualityTable()
    table.add("other", estimate)
    table.add(name, estimate)
    try table.write(to: path)
    var read = try #require(QualityTable(contentsOf: path))
    #expect(read == table && read.summary(of: name) == "no estimate of Dice" && read.summary(of: "b") == nil)
    read.remove(name)
    #expect(read.summary(of: name) == nil && read.summary(of: "other") != nil)
    read.add(name, estimate)
    #expect(read == table)
    try "case,notes\r\n".write(toFile: path, atomically: true, encoding: .utf8)
    #expect(QualityTable(contentsOf: path) == nil && QualityTable(contentsOf: path + "x") == nil)
  }

  @Test func aStraightLineIsFound() throws {
    // Dice = 0.2 + 0.5 agreement.
    let points = [0.2, 0.4, 0.6, 0.8, 1.0].enumerated().map { (name: "c\($0)", agreement: $1) }
    let evaluation = Evaluation(
      classNames: ["a"], cases: points.map { Self.entry($0.name, 0.2 + 0.5 * $0.agreement) })
    let agreements = Dictionary(uniqueKeysWithValues: points.map { ($0.name, [Optional($0.agreement)]) })
    let calibration = QualityCalibration(evaluation, agreements, by: .mirrorings)
    let line = try #require(calibration.lines.first)
    #expect(abs(line.slope - 0.5) < 1e-12 && abs(line.intercept - 0.2) < 1e-12)
    #expect(abs(line.correlation - 1) < 1e-12 && line.caseCount == 5)
    #expect(abs((calibration.meanCorrelation ?? 0) - 1) < 1e-12)
    let low = calibration.estimate([0.1], ["a"])
    #expect(abs((low.meanDice ?? 0) - 0.25) < 1e-12 && low.needsLook == true)
    #expect(calibration.estimate([0.9], ["a"]).needsLook == false)
    // What no mask has at all is to be looked at.
    #expect(calibration.estimate([nil], ["a"]).needsLook == true)
    #expect(QualityEstimate(uncalibrated: [0.9], ["a"]).needsLook == nil)
  }

  @Test func whereNothingVariesNothingIsEstimated() {
    let evaluation = Evaluation(classNames: ["a"], cases: (0..<4).map { Self.entry("c\($0)", 0.5) })
    let same = Dictionary(uniqueKeysWithValues: (0..<4).map { ("c\($0)", [Optional(0.7)]) })
    let calibration = QualityCalibration(evaluation, same, by: .mirrorings)
    #expect(calibration.lines.isEmpty && calibration.lookBelow == nil)
    #expect(calibration.estimate([0.7], ["a"]).meanDice == nil)
    #expect(calibration.summary.contains("nothing is estimated"))
  }

  @Test func itIsKeptBesideModelsAndFoundByFolds() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    let folder = ModelFolder(url.path)
    #expect(try QualityCalibration.read(of: folder) == nil)
    let evaluation = Evaluation(
      classNames: ["a"], cases: (0..<4).map { Self.entry("c\($0)", Double($0) / 4) })
    let agreements = Dictionary(uniqueKeysWithValues: (0..<4).map { ("c\($0)", [Optional(Double($0 * $0))]) })
    let calibration = QualityCalibration(evaluation, agreements, by: .mirrorings)
    try calibration.write(to: folder)
    #expect(try QualityCalibration.read(of: folder) == calibration)
    #expect(try QualityCalibration.read(of: folder.fold(1)) == calibration)
    try Data("{".utf8).write(to: URL(fileURLWithPath: folder.qualityPath))
    #expect(throws: SegmentationError.self) { try QualityCalibration.read(of: folder) }
  }
}
