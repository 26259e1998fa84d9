import MedicalImaging
import Testing

@Suite struct MaskOverlapTests {
  @Test(arguments: [
    ([1, 1, 0, 0], [1, 0, 1, 0], Measured.value(0.5)),
    ([1, 1, 1, 0], [1, 1, 1, 0], .value(1)),
    ([0, 0, 0, 2], [1, 0, 0, 2], .value(0)),
    ([1, 0, 0, 2], [0, 0, 0, 2], .absentInTruth),
    ([0, 0, 0, 2], [0, 0, 0, 2], .absentInBoth),
  ])
  func diceOfMasks(_ prediction: [UInt8], _ truth: [UInt8], _ expected: Measured) {
    #expect(MaskOverlap(prediction: mask(prediction), truth: mask(truth), label: 1).dice == expected)
  }

  @Test func countsVoxelsApartAndInCommon() {
    let overlap = MaskOverlap(prediction: mask([1, 1, 1, 2]), truth: mask([1, 0, 2, 2]), label: 1)
    #expect([overlap.predictedCount, overlap.trueCount, overlap.commonCount] == [3, 1, 1])
  }

  private func mask(_ labels: [UInt8]) -> LabelVolume {
    LabelVolume(size: GridSize(2, 2, 1), geometry: Geometry(spacing: [1, 1, 1]), labels: labels)
  }
}
