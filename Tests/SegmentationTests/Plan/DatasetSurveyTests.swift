import Foundation
import MedicalImaging
import Segmentation
import Testing

/// One reading of each case serves plans, normalisations and every fold.
@Suite struct DatasetSurveyTests {
  private func dataset(_ folder: String) throws -> Dataset {
    try PhantomDataset.write(
      PhantomConfiguration(caseCount: 5, testCaseCount: 1, seed: 3, modality: .ct), to: folder)
  }

  private func remove(_ cases: [Case]) throws {
    for path in cases.flatMap(\.imagePaths) { try FileManager.default.removeItem(atPath: path) }
  }

  @Test func everyFoldDerivesItsFiguresFromOneReading() throws {
    try withTemporaryFolder { folder in
      let dataset = try dataset(folder)
      let folds = (0..<5).map { DataSplit(dataset.training, fold: Fold($0, of: 5), seed: 0).training }
      func preparation(_ survey: DatasetSurvey, _ cases: [Case]) throws -> Preparation {
        try Preparation(survey: survey, training: cases, gridShape: [8, 8, 8])
      }
      let alone = try folds.map { try preparation(DatasetSurvey(dataset), $0) }
      let fingerprint = try DatasetFingerprint(DatasetSurvey(dataset), of: dataset.training)
      let survey = DatasetSurvey(dataset)
      #expect(try DatasetFingerprint(survey, of: dataset.training) == fingerprint)
      // What has been read once is not read again: the scans are gone.
      try remove(dataset.training)
      #expect(try folds.map { try preparation(survey, $0) } == alone)
      #expect(try DatasetFingerprint(survey, of: dataset.training) == fingerprint)
      #expect(Set(alone.map { "\($0.normalizations)" }).count == 5)
    }
  }

  /// The normalisation of CT looks at the training cases alone, as does a grid's z-score at none.
  @Test func casesAreReadWhenTheyAreAskedFor() throws {
    try withTemporaryFolder { folder in
      let dataset = try dataset(folder)
      let survey = DatasetSurvey(dataset)
      _ = try Preparation(
        survey: survey, training: dataset.training, gridShape: [8, 8, 8], normalization: .zScore)
      #expect(survey.readCount == 0)
      _ = try Preparation(survey: survey, training: Array(dataset.training[..<2]), gridShape: [8, 8, 8])
      #expect(survey.readCount == 2)
    }
  }

  /// Grids come of what was read for the facts, and of headers where nothing was.
  @Test func gridsAreNotReadAgain() throws {
    try withTemporaryFolder { folder in
      let dataset = try dataset(folder)
      let survey = DatasetSurvey(dataset)
      let headers = try survey.grids(of: dataset.training).facts(.canonical)
      #expect(survey.readCount == 0 && headers.orders == ["RAS": 5])
      _ = try DatasetFingerprint(survey, of: dataset.training)
      try remove(dataset.training)
      #expect(try survey.grids(of: dataset.training).facts(.canonical) == headers)
      #expect(throws: ImageError.self) { try DatasetSurvey(dataset).grids(of: dataset.training) }
    }
  }

  /// Two files of one channel each train and predict as one file of two channels does.
  @Test func channelsInFilesOfTheirOwnPrepareAsOneFile() throws {
    try withTemporaryFolder { folder in
      let dataset = try PhantomDataset.write(
        PhantomConfiguration(caseCount: 1, testCaseCount: 0, channelCount: 2), to: folder + "/data")
      let joined = dataset.training[0]
      let volume = try Image(contentsOf: joined.imagePath).volume()
      let paths = try (0..<2).map { channel in
        let part = Volume(
          size: volume.size, geometry: volume.geometry,
          voxels: Array(volume.voxels[channel * volume.size.count..<(channel + 1) * volume.size.count]))
        let header = ImageHeader(
          size: part.size, geometry: part.geometry, voxelType: .float32, format: .nifti)
        let path = folder + "/\(joined.name)_000\(channel).nii.gz"
        for file in try header.format.files(of: part, like: header, at: path) { try file.write() }
        return path
      }
      let parts = Case(name: joined.name, imagePaths: paths, labelPath: joined.labelPath)
      let preparation = try Preparation(
        survey: DatasetSurvey(dataset), training: dataset.training, gridShape: [8, 8, 8])
      let expected = try PreparedCase(joined, preparation: preparation)
      #expect(try PreparedCase(parts, preparation: preparation).sample == expected.sample)
      let missing = Case(name: joined.name, imagePaths: [paths[0]], labelPath: joined.labelPath)
      #expect(throws: SegmentationError.channelMismatch(path: paths[0], found: 1, expected: 2)) {
        try PreparedCase(missing, preparation: preparation)
      }
    }
  }
}
