import Foundation
import TensorGraph

/// Makes the batches of a run on a thread of its own, a few ahead of the steps that take them.
///
/// A batch is a function of its samples alone, so that the stream changes nothing but the time.
final class BatchStream {
  typealias Batch = [String: Tensor]

  private let queue: BatchQueue

  /// - Parameters:
  ///   - epochs: the epochs that are left.
  ///   - samples: the batches of an epoch.
  ///   - depth: the batches that may wait to be taken.
  init(
    epochs: Range<Int>, depth: Int = 3, samples: @escaping @Sendable (Int) -> [[EpochSchedule.Sample]],
    assembler: BatchAssembler
  ) {
    let queue = BatchQueue(depth: depth)
    self.queue = queue
    Thread.detachNewThread {
      for epoch in epochs {
        for batch in samples(epoch) {
          guard queue.put(Result { try assembler.batch(batch) }) else { return }
        }
      }
    }
  }

  deinit { queue.close() }

  /// The next batch, and how long the caller waited for it.
  ///
  /// - Throws: what reading a case threw.
  func next() throws -> (batch: Batch, waited: Duration) {
    let clock = ContinuousClock()
    let start = clock.now
    let batch = queue.take()
    return (try batch.get(), clock.now - start)
  }
}

/// A queue between two threads.
///
/// Sendable because every access to its state holds the condition's lock.
private final class BatchQueue: @unchecked Sendable {
  typealias Entry = Result<BatchStream.Batch, any Error>

  private let condition = NSCondition()
  private let depth: Int
  private var entries: [Entry] = []
  private var isClosed = false

  init(depth: Int) { self.depth = depth }

  /// Waits for room and appends. Returns whether anybody still takes entries.
  func put(_ entry: Entry) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    while entries.count >= depth && !isClosed { condition.wait() }
    entries.append(entry)
    condition.broadcast()
    return !isClosed
  }

  /// Waits for an entry and removes it.
  func take() -> Entry {
    condition.lock()
    defer { condition.unlock() }
    while entries.isEmpty { condition.wait() }
    condition.broadcast()
    return entries.removeFirst()
  }

  func close() {
    condition.lock()
    isClosed = true
    condition.broadcast()
    condition.unlock()
  }
}
