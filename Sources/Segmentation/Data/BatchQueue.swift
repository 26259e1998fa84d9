import Foundation

/// The batches of a run, made in their order on a thread of its own, a few ahead of the steps that take them.
///
/// A batch is a function of its index alone, so that the queue changes nothing but the time. One thread takes them.
///
/// Unchecked: two threads share it, and a lock guards what both touch.
package final class BatchQueue<Batch: Sendable>: @unchecked Sendable {
  private let condition = NSCondition()
  // The queue's thread and the taker's read and write these under the condition's lock.
  private var ready: [Result<Batch, any Error>] = []
  private var isCancelled = false
  /// The time that `next` has waited for batches so far. The taker's thread alone reads and writes it.
  package private(set) var waiting = Duration.zero

  /// - Parameters:
  ///   - count: the number of batches.
  ///   - ahead: how many are kept ready at most.
  ///   - make: makes the batch of an index; called on the queue's thread.
  package init(count: Int, ahead: Int = 3, make: @escaping @Sendable (Int) throws -> Batch) {
    let thread = Thread { [self] in
      for index in 0..<count {
        guard hasRoom(ahead) else { return }
        add(Result { try make(index) })
      }
    }
    thread.start()
  }

  /// Waits until less than `limit` batches are ready; false when no more are wanted.
  private func hasRoom(_ limit: Int) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    while ready.count >= limit && !isCancelled { condition.wait() }
    return !isCancelled
  }

  private func add(_ batch: Result<Batch, any Error>) {
    condition.lock()
    ready.append(batch)
    condition.broadcast()
    condition.unlock()
  }

  /// The next batch. To be called once for each of them.
  ///
  /// - Throws: what making it threw.
  package func next() throws -> Batch {
    condition.lock()
    defer { condition.unlock() }
    let start = ContinuousClock.now
    while ready.isEmpty { condition.wait() }
    waiting += ContinuousClock.now - start
    let batch = ready.removeFirst()
    condition.broadcast()
    return try batch.get()
  }

  /// Ends the thread after the batch that it is at. Without effect when all are made.
  package func cancel() {
    condition.lock()
    isCancelled = true
    condition.broadcast()
    condition.unlock()
  }
}
