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

  /// Patches of scans that lie outside by a quarter are normalised inside; those of others, and whole grids, as they were.
  @Test func muchOutsideIsLeftOut() throws {
    try withTemporaryFolder { folder in
      let dataset = try PhantomDataset.write(
        PhantomConfiguration(caseCount: 3, testCaseCount: 0, modality: .mr), to: folder)
      func normalizations(
        spacing: [Double]?, _ choice: NormalizationChoice? = nil
      ) throws -> [Normalization] {
        try Preparation(
          survey: DatasetSurvey(dataset), training: dataset.training, gridShape: [8, 8, 8], spacing: spacing,
          normalization: choice
        ).normalizations
      }
      #expect(try normalizations(spacing: [1, 1, 1]) == [.zScore])
      for entry in dataset.training { try blank(entry.imagePath) }
      #expect(try normalizations(spacing: [1, 1, 1]) == [.zScoreInside])
      #expect(try normalizations(spacing: [1, 1, 1], .zScore) == [.zScore])
      #expect(try normalizations(spacing: nil) == [.zScore])
      #expect(try normalizations(spacing: nil, .zScoreInside) == [.zScoreInside])
    }
  }

  /// Gives a shell of some voxels around a scan one value.
  private func blank(_ path: String) throws {
    let image = try Image(contentsOf: path)
    var volume = image.volume()
    let size = volume.size
    for (index, _) in volume.voxels.enumerated() {
      let position = [index % size.i, index / size.i % size.j, index / (size.i * size.j)]
      if zip(position, size.extents).contains(where: { $0 < 4 || $0 >= $1 - 4 }) { volume.voxels[index] = -7 }
    }
    for file in try image.header.format.files(of: volume, like: image.header, at: path) { try file.write() }
  }
}
