import MedicalImaging
import Testing

@Suite struct SoftDiceTests {
  private func softDice(_ probabilities: [Float], _ labels: [UInt8], classCount: Int) -> [Double] {
    var dice = SoftDice(classCount: classCount)
    dice.add(probabilities: probabilities, labels: labels[...])
    return dice.values
  }

  @Test func equalsNumPys() {
    let golden = SoftDiceGolden.value
    let dice = softDice(golden.probabilities, golden.labels, classCount: golden.classCount)
    #expect(dice.count == golden.classCount)
    for (ours, expected) in zip(dice, golden.softDice) { #expect(abs(ours - expected) < 1e-12) }
  }

  /// Bit for bit, however the voxels are divided.
  @Test(arguments: [1, 7, 20])
  func partsGiveTheWhole(_ count: Int) {
    let golden = SoftDiceGolden.value
    var parts = SoftDice(classCount: golden.classCount)
    for start in stride(from: 0, to: golden.labels.count, by: count) {
      let range = start..<min(start + count, golden.labels.count)
      let elements = range.lowerBound * golden.classCount..<range.upperBound * golden.classCount
      parts.add(probabilities: Array(golden.probabilities[elements]), labels: golden.labels[range])
    }
    let whole = softDice(golden.probabilities, golden.labels, classCount: golden.classCount)
    #expect(parts.values == whole)
  }

  /// (2 * 1.0 + e) / (1.5 + 2 + e): plain sums, not squares, in the denominator.
  @Test func ofATinyCase() {
    let dice = softDice(
      [0.5, 0.5, 0, 0.5, 0.5, 0, 0.75, 0.25, 0, 0.75, 0.25, 0], [1, 1, 0, 0], classCount: 3)
    #expect(abs(dice[1] - (2 + 1e-6) / (3.5 + 1e-6)) < 1e-15)
    #expect(dice[2] == 1)
  }
}
