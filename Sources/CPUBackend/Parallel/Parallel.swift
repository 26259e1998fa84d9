import ForkJoin
import TensorGraph

/// Loops over the threads of the program's one pool.
///
/// What a loop computes must depend on its items alone: who takes which, and how many threads come, is left open.
package enum Parallel {
  /// The threads that a loop of the calling thread takes; 1 at first.
  static var threadCount: Int {
    get { Int(forkJoinThreads()) }
    set { forkJoinSetThreads(Int64(newValue)) }
  }

  /// Starts the threads that loops on so many need, unless they were: no more than there are processors for them. More would
  /// take turns, and what a loop computes does not depend on who comes.
  ///
  /// - Throws: `ThreadError` when the system has no more.
  static func reserve(_ threadCount: Int) throws {
    let count = startedThreads(for: threadCount)
    guard forkJoinReserve(Int64(count)) else { throw ThreadError(threadCount: count) }
  }

  /// The threads that run, where so many are asked for.
  static func startedThreads(for threadCount: Int) -> Int {
    min(threadCount, ProcessorLimit.processorCount)
  }

  /// Runs `body` on disjoint ranges that cover `0 ..< count`, one for each thread when there is work for them.
  ///
  /// - Parameter grain: ranges start at multiples of it, and less than two of them run on one thread.
  static func forRanges(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
    guard count >= 2 * grain, threadCount > 1 else {
      if count > 0 { body(0..<count) }
      return
    }
    let grains = (count + grain - 1) / grain
    let shares = min(threadCount, grains)
    // Where loops are measured grains count, of which one range may have one more than another.
    if forkJoinIsMeasuring() {
      return forItems(grains, threadCount: shares) { item, _ in
        body(item * grain..<min(count, (item + 1) * grain))
      }
    }
    forItems(shares, threadCount: shares) { share, _ in
      let first = grains * share / shares * grain
      let last = min(count, grains * (share + 1) / shares * grain)
      if first < last { body(first..<last) }
    }
  }

  /// Runs `body` on the items `0 ..< count`, each once, on up to `threadCount` threads; a thread that is done with
  /// one takes the next.
  ///
  /// - Parameter body: called with an item and the index of the thread, which is less than `threadCount`.
  package static func forItems(_ count: Int, threadCount: Int, _ body: (_ item: Int, _ thread: Int) -> Void) {
    withoutActuallyEscaping(body) { body in
      var items = Items(body: body)
      withUnsafeMutablePointer(to: &items) { pointer in
        forkJoinItems(
          Int64(count), Int64(threadCount),
          { context, item, thread in
            context!.assumingMemoryBound(to: Items.self).pointee.body(Int(item), Int(thread))
          }, pointer)
      }
    }
  }

  private struct Items {
    let body: (Int, Int) -> Void
  }

  /// Runs `body` on the calling thread alone.
  ///
  /// - Returns: the seconds of its loops there, and what they would take at best on so many threads.
  static func measuringLoops(
    threadCount: Int, _ body: () throws -> Void
  ) rethrows -> (seconds: Double, parallelSeconds: Double) {
    forkJoinMeasure(Int64(threadCount))
    do {
      try body()
    } catch {
      _ = forkJoinMeasured()
      throw error
    }
    let measurement = forkJoinMeasured()
    return (measurement.seconds, measurement.parallelSeconds)
  }

  /// The time that the calling thread and those of the pool have had on processors, in all.
  static func processorSeconds() -> Double { forkJoinProcessorSeconds() }
}

/// The system starts no more threads.
public struct ThreadError: Error, CustomStringConvertible {
  public let threadCount: Int

  public var description: String {
    "the system does not start \(threadCount) threads; take fewer by --threads, or raise its limit (ulimit -u)"
  }
}
