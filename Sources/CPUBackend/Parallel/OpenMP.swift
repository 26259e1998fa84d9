import Glibc
import Synchronization

/// The OpenMP run time that oneDNN brought into the process. Our own loops run on its threads, so that the two
/// never compete for cores.
///
/// `GOMP_parallel` is what GCC compiles `#pragma omp parallel` to; libgomp and LLVM's run time both export it.
enum OpenMP {
  private typealias Body = @convention(c) (UnsafeMutableRawPointer?) -> Void
  private typealias ParallelCall =
    @convention(c) (Body, UnsafeMutableRawPointer?, UInt32, UInt32) -> Void
  private typealias GetCall = @convention(c) () -> Int32
  private typealias SetCall = @convention(c) (Int32) -> Void

  private static func symbol<T>(_ name: String, as type: T.Type) -> T? {
    dlsym(nil, name).map { unsafeBitCast($0, to: type) }
  }

  private static let parallelCall = symbol("GOMP_parallel", as: ParallelCall.self)
  private static let threadIndex = symbol("omp_get_thread_num", as: GetCall.self)
  private static let teamSize = symbol("omp_get_num_threads", as: GetCall.self)
  private static let maximum = symbol("omp_get_max_threads", as: GetCall.self)
  private static let setMaximum = symbol("omp_set_num_threads", as: SetCall.self)

  /// The threads that a parallel region of this thread uses: OMP_NUM_THREADS or all cores at first.
  static var threadCount: Int {
    get { maximum.map { Int($0()) } ?? 1 }
    set { setMaximum?(Int32(newValue)) }
  }

  private struct Work {
    let body: (Range<Int>) -> Void
    let count: Int
    let grain: Int
  }

  /// Runs `body` on disjoint ranges that cover `0 ..< count`, on all threads when there is work for them.
  ///
  /// - Parameter grain: ranges start at multiples of it, and less than two of them run on one thread.
  static func forRanges(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
    guard count >= 2 * grain, let parallelCall, threadIndex != nil, teamSize != nil, threadCount > 1 else {
      if count > 0 { body(0..<count) }
      return
    }
    withoutActuallyEscaping(body) { body in
      var work = Work(body: body, count: count, grain: grain)
      withUnsafeMutablePointer(to: &work) { pointer in
        parallelCall(
          { OpenMP.runShare($0!.assumingMemoryBound(to: Work.self).pointee) }, pointer, 0, 0)
      }
    }
  }

  /// The calling thread's share of the work.
  private static func runShare(_ work: Work) {
    guard let threadIndex, let teamSize else { return }
    let (index, threads) = (Int(threadIndex()), Int(teamSize()))
    let grains = (work.count + work.grain - 1) / work.grain
    let first = grains * index / threads * work.grain
    let last = min(work.count, grains * (index + 1) / threads * work.grain)
    if first < last { work.body(first..<last) }
  }

  /// The time that the threads of this thread's parallel regions have had on processors, in all.
  static func processorSeconds() -> Double {
    let count = threadCount
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { seconds in
      forRanges(count, grain: 1) { threads in
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        for thread in threads { seconds[thread] = Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec) }
      }
      return seconds.reduce(0, +)
    }
  }

  private struct Items: ~Copyable {
    let body: (Int, Int) -> Void
    let count: Int
    let next = Atomic(0)

    /// Takes items, one after the other, until none is left.
    func runShare(thread: Int) {
      while true {
        let item = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard item < count else { return }
        body(item, thread)
      }
    }
  }

  /// Runs `body` on the items `0 ..< count`, each once, on up to `threadCount` threads; a thread that is done with
  /// one takes the next.
  ///
  /// - Parameter body: called with an item and the index of the thread, which is less than `threadCount`.
  static func forItems(_ count: Int, threadCount: Int, _ body: (_ item: Int, _ thread: Int) -> Void) {
    let threads = min(threadCount, count)
    guard threads > 1, let parallelCall, threadIndex != nil else {
      for item in 0..<count { body(item, 0) }
      return
    }
    withoutActuallyEscaping(body) { body in
      var items = Items(body: body, count: count)
      withUnsafeMutablePointer(to: &items) { pointer in
        parallelCall(
          { items in
            guard let items, let index = OpenMP.threadIndex?() else { return }
            items.assumingMemoryBound(to: Items.self).pointee.runShare(thread: Int(index))
          }, pointer, UInt32(threads), 0)
      }
    }
  }
}
