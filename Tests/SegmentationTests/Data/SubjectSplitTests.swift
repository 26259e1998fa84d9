import MedicalImaging
import SeededRandom
import Segmentation
import Testing

/// Divisions of cases of which several are of one subject.
@Suite struct SubjectSplitTests {
  /// - Parameter sizes: the number of scans of each subject.
  private func cases(_ sizes: [Int]) -> [Case] {
    sizes.enumerated().flatMap { subject, count in
      (0..<count).map {
        Case(name: "s\(subject)_\($0)", imagePaths: ["s\(subject)_\($0).nii"], subject: "s\(subject)")
      }
    }
  }

  private func subjects(_ cases: [Case]) -> Set<String?> { Set(cases.map(\.subject)) }

  @Test(arguments: [0.1, 0.5, 0.8, 0.9])
  func subjectsAreOnOneSide(_ fraction: Double) {
    let all = cases([3, 1, 4, 2, 2, 5, 1, 3, 2, 2])
    for seed in 0..<20 as Range<UInt64> {
      let split = DataSplit(all, trainingFraction: fraction, seed: seed)
      #expect(subjects(split.training).isDisjoint(with: subjects(split.validation)))
      #expect(Set(split.training + split.validation) == Set(all) && !split.validation.isEmpty)
      #expect(abs(split.training.count - Int((25 * fraction).rounded())) <= 5)
    }
  }

  @Test func allMayTrain() {
    #expect(DataSplit(cases([2, 3]), trainingFraction: 1, seed: 0).validation.isEmpty)
    #expect(DataSplit(cases([2, 3]), trainingFraction: 0.99, seed: 0).validation.count >= 2)
  }

  @Test func subjectsValidateInOneFold() {
    let all = cases([3, 1, 4, 2, 2, 5, 1, 3, 2, 2])
    let splits = (0..<4).map { DataSplit(all, fold: Fold($0, of: 4), seed: 3) }
    #expect(splits.flatMap(\.validation).map(\.name).sorted() == all.map(\.name).sorted())
    for split in splits {
      #expect(subjects(split.training).isDisjoint(with: subjects(split.validation)))
      #expect((4...9).contains(split.validation.count))
    }
  }

  // MARK: Without subjects

  /// How cases were divided before there were subjects: records of that time hold such divisions.
  private func shuffledBefore(_ cases: [Case], _ seed: UInt64) -> [Case] {
    var generator = SplitMix64(seed: seed)
    return cases.sorted { $0.name < $1.name }.shuffled(using: &generator)
  }

  @Test(arguments: [1, 2, 7, 20, 23])
  func casesByThemselvesAreDividedAsBefore(_ count: Int) {
    let cases = (0..<count).map { Case(imagePath: "case_\($0).nii") }
    for seed in 0..<5 as Range<UInt64> {
      let shuffled = shuffledBefore(cases, seed)
      for fraction in [0.01, 0.33, 0.5, 0.9, 0.99, 1] {
        var training = Int((Double(count) * fraction).rounded())
        if fraction < 1 { training = min(training, count - 1) }
        training = max(training, 1)
        let split = DataSplit(cases, trainingFraction: fraction, seed: seed)
        #expect(split.training == shuffled[..<training].sorted { $0.name < $1.name })
        #expect(split.validation == shuffled[training...].sorted { $0.name < $1.name })
      }
      for index in 0..<min(5, count) where count >= 5 {
        let split = DataSplit(cases, fold: Fold(index, of: 5), seed: seed)
        let validation = shuffled.indices.filter { $0 % 5 == index }.map { shuffled[$0] }
        #expect(split.validation == validation.sorted { $0.name < $1.name })
      }
    }
  }
}
