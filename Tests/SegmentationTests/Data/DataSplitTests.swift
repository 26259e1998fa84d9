import MedicalImaging
import Segmentation
import Testing

@Suite struct DataSplitTests {
  private let cases = (0..<20).map { Case(imagePath: "images/case_\($0).nii.gz") }

  @Test func everyCaseIsOnOneSide() {
    let split = DataSplit(cases, trainingFraction: 0.9, seed: 3)
    #expect(split.training.count == 18 && split.validation.count == 2)
    #expect(Set(split.training).union(split.validation) == Set(cases))
  }

  @Test func seedDecidesAndOrderDoesNot() {
    let split = DataSplit(cases, trainingFraction: 0.5, seed: 3)
    #expect(split == DataSplit(cases.reversed(), trainingFraction: 0.5, seed: 3))
    #expect(split != DataSplit(cases, trainingFraction: 0.5, seed: 4))
  }

  @Test(arguments: [(1.0, 20), (0.99, 19), (0.01, 1), (0.5, 10)])
  func roundsToWholeCases(_ fraction: Double, _ training: Int) {
    #expect(DataSplit(cases, trainingFraction: fraction, seed: 0).training.count == training)
  }

  @Test func oneCaseTrains() {
    let split = DataSplit([cases[0]], trainingFraction: 0.9, seed: 0)
    #expect(split.training == [cases[0]] && split.validation.isEmpty)
  }
}
