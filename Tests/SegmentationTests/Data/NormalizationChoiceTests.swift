import MedicalImaging
import Segmentation
import Testing

@Suite struct NormalizationChoiceTests {
  /// The modality's name decides unless the user does.
  @Test(
    arguments: [
      (PhantomConfiguration.Modality.mr, nil, true), (.ct, nil, false), (.mr, .foreground, false),
      (.ct, .zScore, true),
    ] as [(PhantomConfiguration.Modality, NormalizationChoice?, Bool)])
  func aChoiceGoesBeforeTheModality(
    _ modality: PhantomConfiguration.Modality, _ choice: NormalizationChoice?, _ isZScore: Bool
  ) throws {
    try withTemporaryFolder { folder in
      let dataset = try PhantomDataset.write(
        PhantomConfiguration(caseCount: 2, testCaseCount: 0, channelCount: 2, modality: modality), to: folder)
      let preparation = try Preparation(
        survey: DatasetSurvey(dataset), training: dataset.training, gridShape: [8, 8, 8],
        normalization: choice)
      #expect(preparation.normalizations.count == 2)
      #expect(preparation.normalizations.allSatisfy { ($0 == .zScore) == isZScore })
    }
  }
}
