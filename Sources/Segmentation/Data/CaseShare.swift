import SeededRandom

/// The cases that one replica trains on, the same in every epoch, so that only their scans need to be decoded and
/// kept. The shares of all replicas hold every case once; their sizes differ by at most one.
public struct CaseShare: Equatable, Sendable {
  public let rank: Int
  /// Indices among all cases, ascending.
  public let cases: [Int]
  /// The sizes of all replicas' shares, the largest first.
  let sizes: [Int]

  /// - Parameters:
  ///   - caseCount: of all replicas.
  ///   - rank: of this one, from 0.
  ///   - count: of replicas.
  ///   - seed: another seed, another division.
  public init(caseCount: Int, rank: Int = 0, of count: Int = 1, seed: UInt64) {
    self.rank = rank
    var generator = SplitMix64(seed: seed)
    let order = Array(0..<caseCount).shuffled(using: &generator)
    cases = stride(from: rank, to: caseCount, by: count).map { order[$0] }.sorted()
    sizes = (0..<count).map { (caseCount - $0 + count - 1) / count }
  }

  /// The sizes of all batches that some replica takes in an epoch; a replica that has none left takes one case.
  package func batchSizes(upTo batchSize: Int) -> [Int] {
    let starts = stride(from: 0, to: sizes[0], by: batchSize)
    let found = starts.flatMap { start in sizes.map { min(max($0 - start, 1), batchSize) } }
    return Set(found).sorted(by: >)
  }
}
