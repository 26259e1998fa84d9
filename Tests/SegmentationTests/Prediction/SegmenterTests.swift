import CPUBackend
import Foundation
import MedicalImaging
import Segmentation
import Synchronization
import Testing

/// The library's entry.
@Suite struct SegmenterTests {
  /// A trained model and a scan.
  private func withModel(_ body: (String, Image) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let data = try PhantomDataset.write(
        PhantomConfiguration(caseCount: 4, testCaseCount: 1, seed: 3), to: folder + "/data")
      let session = try TrainingSession(
        survey: DatasetSurvey(data), folder: ModelFolder(folder + "/model"), options: smallOptions(epochs: 3),
        resume: false, executor: try CPUExecutor(threadCount: 1))
      var observer = RecordingObserver()
      try session.run(reporting: &observer)
      try body(folder + "/model", try Image(contentsOf: data.test[0].imagePath))
    }
  }

  @Test func masksAreThoseOfThePredictor() throws {
    try withModel { path, scan in
      let segmenter = try Segmenter(contentsOf: path, on: CPUExecutor(threadCount: 1))
      let model = try SegmentationModel(ModelFolder(path), executor: try CPUExecutor(threadCount: 1))
      let expected = try Predictor(model).mask(of: scan.volume())
      #expect(try segmenter.segment(scan).labels == expected.labels)
      #expect(expected.labels.contains { $0 > 0 })
      let (probabilities, mask) = try segmenter.probabilities(scan)
      #expect(probabilities.channelCount == 3 && mask.labels == expected.labels)
      #expect(segmenter.labels.outputNames == ["background", "Anterior", "Posterior"])

      let file = path + "/mask.nii.gz"
      try expected.write(to: file, like: scan)
      #expect(try Image(contentsOf: file).labelVolume().labels == expected.labels)
    }
  }

  @Test func itMayBeCalledFromAnyThread() throws {
    try withModel { path, scan in
      let segmenter = try Segmenter(contentsOf: path, on: CPUExecutor(threadCount: 1))
      let expected = try segmenter.segment(scan).labels
      let agreements = Mutex(0)
      DispatchQueue.concurrentPerform(iterations: 4) { _ in
        guard let mask = try? segmenter.segment(scan), mask.labels == expected else { return }
        agreements.withLock { $0 += 1 }
      }
      #expect(agreements.withLock { $0 } == 4)
    }
  }

  @Test func otherScansAreRefused() throws {
    try withModel { path, scan in
      let segmenter = try Segmenter(contentsOf: path, on: CPUExecutor(threadCount: 1))
      let two = try Image(joining: [scan, scan])
      #expect(throws: SegmentationError.self) { try segmenter.segment(two) }
      #expect(throws: SegmentationError.self) {
        try Segmenter(contentsOf: path + "/nothing", on: CPUExecutor(threadCount: 1))
      }
    }
  }
}
