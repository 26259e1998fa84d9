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

  /// 6 and 5 cases in batches of 2: three steps of one size, then the case that the first replica has more.
  @Test func replicasInLockstepHaveBatchesOfOneSize() {
    let schedules = (0..<2).map { rank in
      EpochSchedule(
        share: CaseShare(caseCount: 11, rank: rank, of: 2, seed: 0), batchSize: 2, seed: 5, epoch: 2,
        isInLockstep: true)
    }
    #expect(schedules.map { $0.batches.map(\.count) } == [[2, 2, 1, 1], [2, 2, 1, 0]])
    #expect(schedules.map(\.globalBatchSizes) == [[4, 4, 2, 1], [4, 4, 2, 1]])
    #expect(schedules[0].batches.joined().map(\.caseIndex).sorted() == Array(0..<6))
    #expect(schedules[1].batches.joined().map(\.caseIndex).sorted() == Array(0..<5))
  }

  // MARK: Filled batches

  private func filled(cases: Int, batchSize: Int, seed: UInt64 = 5, epoch: Int = 2) -> EpochSchedule {
    EpochSchedule(
      share: CaseShare(caseCount: cases, seed: 0), batchSize: batchSize, seed: seed, epoch: epoch,
      fillsBatches: true)
  }

  /// What the last batch lacks comes from another pass over the cases, or from several where there are few.
  @Test(arguments: [(11, 4, 3), (12, 4, 3), (3, 8, 1)])
  func filledBatchesHoldPassAfterPass(_ cases: Int, _ batchSize: Int, _ batchCount: Int) {
    let schedule = filled(cases: cases, batchSize: batchSize)
    #expect(schedule.batches.map(\.count) == Array(repeating: batchSize, count: batchCount))
    #expect(schedule.globalBatchSizes == schedule.batches.map(\.count))
    let order = schedule.batches.joined().map(\.caseIndex)
    #expect(order.prefix(cases).sorted() == Array(0..<cases))
    for start in stride(from: 0, to: order.count, by: cases) {
      let pass = order[start...].prefix(cases)
      #expect(Set(pass).count == pass.count)
    }
  }

  /// A case that comes again is augmented by another seed.
  @Test func filledBatchesAreAFunctionOfSeedAndEpoch() {
    let schedule = filled(cases: 11, batchSize: 4)
    #expect(schedule == filled(cases: 11, batchSize: 4))
    #expect(schedule != filled(cases: 11, batchSize: 4, seed: 6))
    #expect(schedule != filled(cases: 11, batchSize: 4, epoch: 3))
    #expect(Set(schedule.batches.joined().map(\.seed)).count == 12)
  }

  /// Four cases take as many steps as a large data set; where there are enough cases nothing changes.
  @Test func smallDataSetsTakeTheLeastSteps() {
    func schedule(cases: Int, leastSteps: Int, deviceCount: Int = 1) -> EpochSchedule {
      EpochSchedule(
        share: CaseShare(caseCount: cases, seed: 0), batchSize: 2, seed: 5, epoch: 2, fillsBatches: true,
        leastSteps: leastSteps, deviceCount: deviceCount)
    }
    let small = schedule(cases: 4, leastSteps: 24)
    #expect(small.globalBatchSizes == Array(repeating: 2, count: 24))
    let counts = Dictionary(grouping: small.batches.joined(), by: \.caseIndex).mapValues(\.count)
    #expect(counts == [0: 12, 1: 12, 2: 12, 3: 12])
    #expect(Set(small.batches.joined().map(\.seed)).count == 48)
    #expect(schedule(cases: 11, leastSteps: 6) == schedule(cases: 11, leastSteps: 1))
    #expect(
      schedule(cases: 4, leastSteps: 24, deviceCount: 2).globalBatchSizes == Array(repeating: 4, count: 12))
  }

  /// Replicas share out the least steps, too.
  @Test func replicasShareTheLeastSteps() {
    let schedules = (0..<2).map { rank in
      EpochSchedule(
        share: CaseShare(caseCount: 3, rank: rank, of: 2, seed: 0), batchSize: 2, seed: 5, epoch: 0,
        fillsBatches: true, leastSteps: 9)
    }
    for schedule in schedules { #expect(schedule.globalBatchSizes == Array(repeating: 4, count: 5)) }
  }

  /// 6 and 5 cases: both fill two batches of 3.
  @Test func everyReplicaFillsItsBatches() {
    let schedules = (0..<2).map { rank in
      EpochSchedule(
        share: CaseShare(caseCount: 11, rank: rank, of: 2, seed: 0), batchSize: 3, seed: 5, epoch: 2,
        fillsBatches: true)
    }
    for schedule in schedules {
      #expect(schedule.batches.map(\.count) == [3, 3] && schedule.globalBatchSizes == [6, 6])
    }
  }
}
