import SeededRandom

/// The order in which one epoch visits the cases. A function of the seed and the epoch alone, so that a resumed
/// run sees what an uninterrupted one would have seen.
public struct EpochSchedule: Equatable, Sendable {
  /// One case of a batch.
  public struct Sample: Equatable, Sendable {
    public let caseIndex: Int
    /// Seeds this sample's augmentation.
    public let seed: UInt64
  }

  /// Every case once; the last batch may be smaller than the others.
  public let batches: [[Sample]]

  public init(caseCount: Int, batchSize: Int, seed: UInt64, epoch: Int) {
    var epochs = SplitMix64(seed: seed)
    let base = epochs.next()
    var generator = SplitMix64(seed: base &+ UInt64(epoch) &* 0xD1B5_4A32_D192_ED03)
    let order = Array(0..<caseCount).shuffled(using: &generator)
    let samples = order.map { Sample(caseIndex: $0, seed: generator.next()) }
    batches = stride(from: 0, to: caseCount, by: batchSize).map {
      Array(samples[$0..<min($0 + batchSize, caseCount)])
    }
  }
}
