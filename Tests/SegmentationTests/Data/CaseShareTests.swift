import Segmentation
import Testing

@Suite struct CaseShareTests {
  @Test(arguments: [1, 2, 3, 5, 7], [7, 8, 23])
  func everyCaseHasOneReplica(_ replicas: Int, _ cases: Int) {
    let shares = (0..<replicas).map { CaseShare(caseCount: cases, rank: $0, of: replicas, seed: 1) }
    #expect(shares.flatMap(\.cases).sorted() == Array(0..<cases))
    let sizes = shares.map(\.cases.count)
    #expect(sizes == sizes.sorted(by: >) && sizes[0] - sizes[replicas - 1] <= 1)
  }

  @Test func oneReplicaHasAllInTheirOrder() {
    #expect(CaseShare(caseCount: 5, seed: 3).cases == [0, 1, 2, 3, 4])
  }

  @Test func anotherSeedIsAnotherDivision() {
    func share(_ seed: UInt64) -> CaseShare { CaseShare(caseCount: 40, rank: 1, of: 2, seed: seed) }
    #expect(share(1) == share(1))
    #expect(share(1).cases != share(2).cases)
  }

  /// In each epoch, over all replicas, every case once, in as many steps for all.
  @Test(arguments: [(11, 2, 3), (13, 3, 2), (4, 4, 4), (9, 2, 4)])
  func epochsHoldEveryCaseOnce(_ cases: Int, _ replicas: Int, _ batchSize: Int) {
    let shares = (0..<replicas).map { CaseShare(caseCount: cases, rank: $0, of: replicas, seed: 1) }
    let schedules = shares.map { EpochSchedule(share: $0, batchSize: batchSize, seed: 1, epoch: 3) }
    let visited = zip(shares, schedules).flatMap { share, schedule in
      schedule.batches.joined().map { share.cases[$0.caseIndex] }
    }
    #expect(visited.sorted() == Array(0..<cases))
    for (step, size) in schedules[0].globalBatchSizes.enumerated() {
      #expect(schedules.reduce(0) { $0 + $1.batches[step].count } == size)
    }
    #expect(Set(schedules.map(\.batches.count)).count == 1)
    let sizes = Set(schedules.flatMap { $0.batches.map { max(1, $0.count) } })
    for share in shares { #expect(Set(share.batchSizes(upTo: batchSize)) == sizes) }
  }

  /// Replicas with as many cases do not shuffle or flip alike.
  @Test func replicasShuffleDifferently() {
    let schedules = (0..<2).map { rank in
      EpochSchedule(
        share: CaseShare(caseCount: 40, rank: rank, of: 2, seed: 1), batchSize: 4, seed: 1, epoch: 0)
    }
    #expect(schedules[0].batches.joined().map(\.seed) != schedules[1].batches.joined().map(\.seed))
    #expect(schedules[0].batches.joined().map(\.caseIndex) != schedules[1].batches.joined().map(\.caseIndex))
  }
}
