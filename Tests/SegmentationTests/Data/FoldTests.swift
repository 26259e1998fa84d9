import MedicalImaging
import Segmentation
import Testing

@Suite struct FoldTests {
  private let cases = (0..<23).map { Case(imagePath: "scan\($0).nii") }

  @Test func everyCaseValidatesOnce() {
    let splits = (0..<5).map { DataSplit(cases, fold: Fold($0, of: 5), seed: 1) }
    #expect(splits.flatMap(\.validation).map(\.name).sorted() == cases.map(\.name).sorted())
    for split in splits {
      #expect((4...5).contains(split.validation.count))
      #expect(split.training.count + split.validation.count == 23)
      #expect(Set(split.training).isDisjoint(with: split.validation))
    }
  }

  @Test func theDivisionDependsOnTheSeedAndNotOnTheOrder() {
    let fold = Fold(2, of: 5)
    #expect(DataSplit(cases, fold: fold, seed: 1) == DataSplit(cases.reversed(), fold: fold, seed: 1))
    #expect(DataSplit(cases, fold: fold, seed: 1) != DataSplit(cases, fold: fold, seed: 2))
  }
}
