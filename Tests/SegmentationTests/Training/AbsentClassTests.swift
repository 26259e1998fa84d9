import CPUBackend
import Foundation
import MedicalImaging
import Segmentation
import Testing

/// A class that no validation case has.
@Suite struct AbsentClassTests {
  @Test func itHasNoFigureInTheValidation() throws {
    try withTemporaryFolder { folder in
      let phantom = try PhantomDataset.write(
        PhantomConfiguration(caseCount: 3, testCaseCount: 0, seed: 3), to: folder + "/data")
      let path = phantom.descriptionPath
      let description = try String(contentsOfFile: path, encoding: .utf8)
      let last = try #require(description.range(of: "\"labels\": {"))
      let more = description.replacingCharacters(in: last, with: "\"labels\": {\"3\": \"Nowhere\",")
      try more.write(toFile: path, atomically: true, encoding: .utf8)
      let dataset = try Dataset(folder: folder + "/data")
      #expect(dataset.classNames.last == "Nowhere")
      let session = try TrainingSession(
        survey: DatasetSurvey(dataset), folder: ModelFolder(folder + "/m"), options: smallOptions(epochs: 1),
        resume: false, executor: try CPUExecutor(threadCount: 1))
      var observer = RecordingObserver()
      try session.run(reporting: &observer)
      let dice = observer.epochs[0].validationDice
      #expect(dice.count == 4 && dice[1] != nil && dice[3] == nil)
      #expect(observer.epochs[0].foregroundDice == (dice[1]! + dice[2]!) / 2)
      // What is written reads as the same.
      #expect(try Checkpoint(ModelFolder(folder + "/m")).record.history[0].validationDice == dice)
    }
  }

  @Test func whatEarlierVersionsWroteReadsAsItWas() throws {
    let json = """
      {"epoch": 0, "loss": 1, "learningRate": 0.1, "imagesPerSecond": 2, "validationDice": [0.9, 0.25, 0.75]}
      """
    let record = try JSONDecoder().decode(EpochRecord.self, from: Data(json.utf8))
    #expect(record.validationDice == [0.9, 0.25, 0.75] && record.foregroundDice == 0.5)
  }
}
