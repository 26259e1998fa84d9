import Segmentation
import Testing

@Suite struct EpochScheduleTests {
  @Test func everyCaseOnceAndTheLastBatchIsSmaller() {
    let schedule = EpochSchedule(share: CaseShare(caseCount: 11, seed: 0), batchSize: 4, seed: 5, epoch: 2)
    #expect(schedule.batches.map(\.count) == [4, 4, 3])
    #expect(schedule.batches.joined().map(\.caseIndex).sorted() == Array(0..<11))
  }

  @Test func aFunctionOfSeedAndEpoch() {
    let schedule = EpochSchedule(share: CaseShare(caseCount: 30, seed: 0), batchSize: 4, seed: 5, epoch: 2)
    #expect(
      schedule == EpochSchedule(share: CaseShare(caseCount: 30, seed: 0), batchSize: 4, seed: 5, epoch: 2))
    #expect(
      schedule != EpochSchedule(share: CaseShare(caseCount: 30, seed: 0), batchSize: 4, seed: 5, epoch: 3))
    #expect(
      schedule != EpochSchedule(share: CaseShare(caseCount: 30, seed: 0), batchSize: 4, seed: 6, epoch: 2))
  }

  @Test func samplesHaveSeedsOfTheirOwn() {
    let schedule = EpochSchedule(share: CaseShare(caseCount: 100, seed: 0), batchSize: 100, seed: 0, epoch: 0)
    #expect(Set(schedule.batches[0].map(\.seed)).count == 100)
  }
}
