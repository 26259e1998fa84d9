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
  /// one case more, empty.
  public let batches: [[Sample]]
  /// For each step the samples of all replicas.
  public let globalBatchSizes: [Int]

  public init(share: CaseShare, batchSize: Int, seed: UInt64, epoch: Int) {
    var epochs = SplitMix64(seed: seed)
    let base = epochs.next()
    var generator = SplitMix64(
      seed: base &+ UInt64(epoch) &* 0xD1B5_4A32_D192_ED03 &+ UInt64(share.rank) &* 0x9E6C_63D0_876A_9A99)
    let order = Array(share.cases.indices).shuffled(using: &generator)
    let samples = order.map { Sample(caseIndex: $0, seed: generator.next()) }
    let starts = stride(from: 0, to: share.sizes[0], by: batchSize)
    batches = starts.map { Array(samples.dropFirst($0).prefix(batchSize)) }
    globalBatchSizes = starts.map { start in
      share.sizes.reduce(0) { $0 + min(max($1 - start, 0), batchSize) }
    }
  }
}
