import CPUBackend
import ForkJoin
import Foundation
import Synchronization
import Testing

@Suite struct ForkJoinTests {
  @Test(arguments: [1, 2, 3, 8], [0, 1, 2, 7, 1000])
  func everyItemIsDoneOnce(threads: Int, items: Int) {
    #expect(forkJoinReserve(Int64(threads)))
    let counts = (0..<items).map { _ in Counter() }
    let strangers = Counter()
    Parallel.forItems(items, threadCount: threads) { item, thread in
      counts[item].increase()
      if thread < 0 || thread >= threads { strangers.increase() }
    }
    #expect(counts.allSatisfy { $0.value == 1 })
    #expect(strangers.value == 0)
  }

  /// Threads that are in a region at the same time have scratch memory of their own.
  @Test func threadsAreToldApart() {
    #expect(forkJoinReserve(8))
    let busy = (0..<8).map { _ in Counter() }
    let meetings = Counter()
    for _ in 0..<10 {
      Parallel.forItems(24, threadCount: 8) { _, thread in
        if busy[thread].increase() > 1 { meetings.increase() }
        for _ in 0..<5 { sched_yield() }
        busy[thread].decrease()
      }
    }
    #expect(meetings.value == 0)
  }

  @Test func severalTasksHaveRegionsAtOnce() async {
    #expect(forkJoinReserve(3))
    let total = Counter()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<6 {
        group.addTask {
          for _ in 0..<500 { Parallel.forItems(9, threadCount: 3) { _, _ in total.increase() } }
        }
      }
    }
    #expect(total.value == 6 * 500 * 9)
  }

  /// Six items are two rounds on four threads, and one item waits for nobody; what is measured takes its items in their order.
  @Test(
    arguments: [(6, 4, 2.0 / 6), (8, 4, 0.25), (1, 4, 1.0), (6, 1, 1.0), (100, 64, 0.02)]
      as [(Int, Int, Double)])
  func measuredRegionsTellWhatThreadsCouldShare(items: Int, threads: Int, share: Double) {
    #expect(forkJoinReserve(2))
    forkJoinMeasure(64)
    #expect(forkJoinIsMeasuring())
    var order: [Int] = []
    Parallel.forItems(items, threadCount: threads) { item, thread in
      order.append(item)
      #expect(thread == 0)
      for _ in 0..<200 { sched_yield() }
    }
    let measurement = forkJoinMeasured()
    #expect(order == Array(0..<items) && !forkJoinIsMeasuring())
    #expect(measurement.seconds > 0)
    #expect(abs(measurement.parallelSeconds / measurement.seconds - share) < 1e-9)
  }

  /// The calling thread alone does all where nobody comes: a machine that is busy delays a region, and stops none.
  @Test func busyThreadsDoNotStopARegion() {
    #expect(forkJoinReserve(2))
    let isOver = Atomic(false)
    let sum = Counter()
    let loops = (0..<4).map { _ in
      let thread = Thread { while !isOver.load(ordering: .relaxed) {} }
      thread.start()
      return thread
    }
    for _ in 0..<200 { Parallel.forItems(16, threadCount: 2) { item, _ in sum.increase(by: item) } }
    isOver.store(true, ordering: .relaxed)
    #expect(sum.value == 200 * 120)
    #expect(loops.count == 4)
  }
}

/// A number that threads may change at the same time.
private final class Counter: Sendable {
  private let number = Atomic(0)

  var value: Int { number.load(ordering: .sequentiallyConsistent) }

  @discardableResult
  func increase(by amount: Int = 1) -> Int {
    number.add(amount, ordering: .sequentiallyConsistent).newValue
  }

  func decrease() { number.subtract(1, ordering: .sequentiallyConsistent) }
}
