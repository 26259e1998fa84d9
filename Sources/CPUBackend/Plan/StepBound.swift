/// How far several threads could share a step: what its loops' items allow, whatever memory and caches say.
package struct StepBound {
  package let name: String
  package let detail: String
  package let threadCount: Int
  /// On one thread.
  package let seconds: Double
  /// On all threads, each loop as long as the thread with most items, and what is in no loop as long as on one.
  package let parallelSeconds: Double

  /// The share of the threads' time that has work, from 1 / threads to 1.
  package var share: Double { Self.share([self]) }

  /// That of some steps one after the other.
  package static func share(_ bounds: [StepBound]) -> Double {
    let seconds = bounds.reduce(0) { $0 + $1.seconds }
    let parallel = bounds.reduce(0) { $0 + Double($1.threadCount) * $1.parallelSeconds }
    return parallel > 0 ? seconds / parallel : 1
  }
}
