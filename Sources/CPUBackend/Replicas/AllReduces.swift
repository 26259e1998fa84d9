import TensorGraph

/// The all-reduces of one plan: which are under way, and what each took in the last run.
final class AllReduces {
  private let collectives: any Collectives
  private let clock = ContinuousClock()
  private var pending: [Int: (sum: any PendingSum, start: ContinuousClock.Instant)] = [:]
  private(set) var timings: [AllReduceTiming] = []

  init(_ collectives: any Collectives) { self.collectives = collectives }

  var replicaCount: Int { collectives.count }

  /// Makes room for one more all-reduce. Returns its index.
  func declare(byteCount: Int) -> Int {
    timings.append(AllReduceTiming(byteCount: byteCount))
    return timings.count - 1
  }

  func start(_ index: Int, _ address: UnsafeMutableRawPointer, count: Int, _ dtype: DType) throws {
    let start = clock.now
    pending[index] = (try collectives.startSum(address, count: count, dtype), start)
    timings[index].exposed = clock.now - start
  }

  /// Moves on what is under way: the sums themselves are computed in such calls.
  func progress() throws {
    for (index, entry) in pending {
      let start = clock.now
      let isComplete = try entry.sum.progress()
      timings[index].exposed += clock.now - start
      if isComplete { finish(index) }
    }
  }

  /// Returns once an all-reduce is complete.
  func wait(_ index: Int) throws {
    guard let entry = pending[index] else { return }
    let start = clock.now
    try entry.sum.wait()
    timings[index].exposed += clock.now - start
    finish(index)
  }

  private func finish(_ index: Int) {
    guard let entry = pending.removeValue(forKey: index) else { return }
    timings[index].elapsed = clock.now - entry.start
  }
}
