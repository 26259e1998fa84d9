import CPUBackend
import Foundation
import MedicalImaging
import Segmentation
import Testing

/// Locks that earlier trainings left, as the next one finds them.
@Suite struct TrainingLockTests {
  /// Trains an epoch into a folder with a lock of the given content. Returns the notes.
  private func train(_ folder: String, lock: String) throws -> [String] {
    let dataset = try PhantomDataset.write(
      PhantomConfiguration(caseCount: 3, testCaseCount: 0, seed: 3), to: folder + "/data")
    try FileManager.default.createDirectory(atPath: folder + "/m", withIntermediateDirectories: true)
    try Data(lock.utf8).write(to: URL(fileURLWithPath: folder + "/m/training.lock"))
    var notes: [String] = []
    let session = try TrainingSession(
      survey: DatasetSurvey(dataset), folder: ModelFolder(folder + "/m"), options: smallOptions(epochs: 1),
      resume: false, executor: try CPUExecutor(threadCount: 1), note: { notes.append($0) })
    var observer = RecordingObserver()
    try session.run(reporting: &observer)
    return notes
  }

  private func lock(
    pid: Int32, host: String = ProcessInfo.processInfo.hostName, startTicks: Int? = nil
  ) throws -> String {
    let namespace = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
    return "{\"pid\":\(pid),\"host\":\"\(host)\",\"pidNamespace\":\"\(namespace)\","
      + (startTicks.map { "\"startTicks\":\($0)," } ?? "") + "\"since\":\"2026-01-02T03:04:05Z\"}"
  }

  private func files(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder + "/m").sorted()
  }

  /// One that has ended, and one whose number another process has now, which started at another time.
  @Test(arguments: [(Int32.max, nil), (getpid(), 1)] as [(Int32, Int?)])
  func theLockOfAProcessThatIsGoneIsReplaced(_ pid: Int32, _ startTicks: Int?) throws {
    try withTemporaryFolder { folder in
      let notes = try train(folder, lock: try lock(pid: pid, startTicks: startTicks))
      #expect(notes.count == 1 && notes[0].contains("process \(pid)"), "\(notes)")
      #expect(try files(folder) == ["best.safetensors", "last.safetensors"])
    }
  }

  @Test func aLivingProcessKeepsItsFolder() throws {
    try withTemporaryFolder { folder in
      do {
        _ = try train(folder, lock: try lock(pid: getpid()))
        Issue.record("two trainings in one folder")
      } catch let error as SegmentationError {
        let text = error.description
        #expect(text.hasPrefix(folder + "/m/training.lock: process \(getpid()) on "), "\(text)")
        #expect(text.contains("2026-01-02T03:04:05Z") && !text.contains("remove"), "\(text)")
      }
      #expect(try files(folder) == ["training.lock"])
    }
  }

  /// Of processes elsewhere, and of files that are no lock, the user decides.
  @Test func whatCannotBeToldFromHereIsRefusedWithTheRemedy() throws {
    for lock in [try lock(pid: Int32.max, host: "elsewhere"), "{}", ""] {
      try withTemporaryFolder { folder in
        do {
          _ = try train(folder, lock: lock)
          Issue.record("trained in spite of \(lock)")
        } catch let error as SegmentationError {
          #expect(error.description.hasPrefix(folder + "/m/training.lock: "), "\(error)")
          #expect(error.description.contains("remove"), "\(error)")
        }
        #expect(try files(folder) == ["training.lock"])
      }
    }
  }

  @Test func twoSessionsOfOneProcessDoNotShareAFolder() throws {
    try withTemporaryFolder { folder in
      let dataset = try PhantomDataset.write(
        PhantomConfiguration(caseCount: 3, testCaseCount: 0, seed: 3), to: folder + "/data")
      func session() throws -> TrainingSession {
        try TrainingSession(
          survey: DatasetSurvey(dataset), folder: ModelFolder(folder + "/models/m"),
          options: smallOptions(epochs: 1), resume: false, executor: try CPUExecutor(threadCount: 1))
      }
      var first: TrainingSession? = try session()
      #expect(throws: SegmentationError.self) { try session() }
      #expect(FileManager.default.fileExists(atPath: folder + "/models/m/training.lock"))
      withExtendedLifetime(first) {}
      first = nil
      // Nothing was trained: the folders that were made for it are gone.
      #expect(!FileManager.default.fileExists(atPath: folder + "/models"))
      _ = try session()
    }
  }
}
