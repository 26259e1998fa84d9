import SeededRandom

/// The order in which one replica visits its cases in one epoch. A function of the seed, the epoch and the share
/// alone, so that a resumed run sees what an uninterrupted one would have seen.
public struct EpochSchedule: Equatable, Sendable {
  /// One case of a batch.
  public struct Sample: Equatable, Sendable {
    /// Among the replica's own cases.
    public let caseIndex: Int
    /// Seeds this sample's augmentation.
    public let seed: UInt64
  }

  /// Every case of this replica once; the last batch may be smaller than the others or, where another replica has
  /// one case more, empty. Several devices divide a batch evenly: what is left over at the end becomes a batch of its
  /// own, of fewer samples than devices. Replicas in lockstep have batches of one size; the case that some have more than
  /// others becomes a last batch of its own, empty for the others.
  public let batches: [[Sample]]
  /// For each step the samples of all replicas.
  public let globalBatchSizes: [Int]

  /// - Parameters:
  ///   - share: of the cases, this replica's.
  ///   - batchSize: of each device.
  ///   - seed: the run's.
  ///   - epoch: from 0.
  ///   - fillsBatches: draws cases anew until the last batch is as large as the others, each replica's.
  ///   - leastSteps: where batches are filled, cases are also drawn anew until all replicas and devices together have
  ///     had so many batches.
  ///   - deviceCount: the devices of the one replica that there is, or 1.
  ///   - isInLockstep: whether all replicas must run one program in each step.
  public init(
    share: CaseShare, batchSize: Int, seed: UInt64, epoch: Int, fillsBatches: Bool = false,
    leastSteps: Int = 1,
    deviceCount: Int = 1, isInLockstep: Bool = false
  ) {
    precondition(deviceCount == 1 || share.sizes.count == 1, "several devices in each of several processes")
    let batchSize = batchSize * deviceCount
    var epochs = SplitMix64(seed: seed)
    let base = epochs.next()
    var generator = SplitMix64(
      seed: base &+ UInt64(epoch) &* 0xD1B5_4A32_D192_ED03 &+ UInt64(share.rank) &* 0x9E6C_63D0_876A_9A99)
    let workers = share.sizes.count * deviceCount
    let leastCount = fillsBatches ? (leastSteps + workers - 1) / workers * batchSize : 0
    let starts = Array(stride(from: 0, to: max(share.sizes[0], leastCount), by: batchSize))
    var order = Array(share.cases.indices).shuffled(using: &generator)
    while fillsBatches && order.count < starts.count * batchSize {
      order += Array(share.cases.indices).shuffled(using: &generator)
    }
    let samples = order.map { Sample(caseIndex: $0, seed: generator.next()) }
    let batches = starts.map { Array(samples.dropFirst($0).prefix(batchSize)) }
    guard deviceCount == 1 else {
      self.batches = batches.flatMap { $0.evenlyDivided(by: deviceCount) }
      globalBatchSizes = self.batches.map(\.count)
      return
    }
    if isInLockstep && !fillsBatches {
      let (least, most) = (share.sizes[share.sizes.count - 1], share.sizes[0])
      let common = Array(stride(from: 0, to: least, by: batchSize))
      let extra = most > least ? [Array(samples.dropFirst(least))] : []
      self.batches = common.map { Array(samples[$0..<min($0 + batchSize, least)]) } + extra
      globalBatchSizes =
        common.map { min(batchSize, least - $0) * share.sizes.count }
        + extra.map { _ in share.sizes.count { $0 > least } }
      return
    }
    self.batches = batches
    globalBatchSizes = starts.map { start in
      share.sizes.reduce(0) { $0 + (fillsBatches ? batchSize : min(max($1 - start, 0), batchSize)) }
    }
  }
}

extension EpochSchedule {
  /// The order that a run's options ask for: batches of patches are always full.
  init(
    share: CaseShare, _ options: TrainingOptions, epoch: Int, deviceCount: Int = 1, isInLockstep: Bool = false
  ) {
    self.init(
      share: share, batchSize: options.batchSize, seed: options.seed, epoch: epoch,
      fillsBatches: options.sampling.patches != nil, leastSteps: options.sampling.patches?.leastSteps ?? 1,
      deviceCount: deviceCount, isInLockstep: isInLockstep)
  }
}

extension [EpochSchedule.Sample] {
  /// The samples that so many devices can share out evenly, and those left over.
  fileprivate func evenlyDivided(by count: Int) -> [[EpochSchedule.Sample]] {
    let even = self.count / count * count
    return [Array(self[..<even]), Array(self[even...])].filter { !$0.isEmpty }
  }
}
