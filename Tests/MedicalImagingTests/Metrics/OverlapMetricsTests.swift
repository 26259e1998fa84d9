import MedicalImaging
import Testing

@Suite struct OverlapMetricsTests {
  @Test func softDiceEqualsNumPys() {
    let golden = SoftDiceGolden.value
    let dice = softDice(
      probabilities: golden.probabilities, labels: golden.labels, classCount: golden.classCount)
    #expect(dice.count == golden.classCount)
    for (ours, expected) in zip(dice, golden.softDice) { #expect(abs(ours - expected) < 1e-12) }
  }

  /// (2 * 1.0 + e) / (1.5 + 2 + e): plain sums, not squares, in the denominator. A class that neither the truth nor the
  /// prediction holds is perfect.
  @Test func softDiceOfATinyCase() {
    let dice = softDice(
      probabilities: [0.5, 0.5, 0, 0.5, 0.5, 0, 0.25, 0.75, 0, 0.25, 0.75, 0], labels: [0, 0, 1, 1],
      classCount: 3)
    #expect(abs(dice[0] - (2 + 1e-6) / (3.5 + 1e-6)) < 1e-15)
    #expect(dice[2] == 1)
    #expect(softDice(probabilities: [1, 0, 0, 1], labels: [0, 1], classCount: 2) == [1, 1])
  }

  @Test(arguments: [
    ([1, 1, 0, 0], [1, 0, 1, 0], Measured.value(0.5)),
    ([1, 1, 1, 0], [1, 1, 1, 0], .value(1)),
    ([0, 0, 0, 2], [1, 0, 0, 2], .value(0)),
    ([1, 0, 0, 2], [0, 0, 0, 2], .absentInTruth),
    ([0, 0, 0, 2], [0, 0, 0, 2], .absentInBoth),
  ])
  func diceOfMasks(_ prediction: [UInt8], _ truth: [UInt8], _ expected: Measured) {
    #expect(dice(mask(prediction), mask(truth), label: 1) == expected)
  }

  private func mask(_ labels: [UInt8]) -> LabelVolume {
    LabelVolume(size: GridSize(2, 2, 1), geometry: Geometry(spacing: [1, 1, 1]), labels: labels)
  }
}
