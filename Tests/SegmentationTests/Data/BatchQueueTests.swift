import Foundation
import Segmentation
import Synchronization
import TensorGraph
import Testing

@Suite struct BatchQueueTests {
  @Test func batchesComeInTheirOrder() throws {
    let queue = BatchQueue(count: 20) { ["index": Tensor(scalar: Float($0))] }
    #expect(try (0..<20).map { _ in try queue.next()["index"]?.elements[0] } == (0..<20).map(Float.init))
  }

  @Test func noMoreThanAFewAreMadeAhead() throws {
    let made = Mutex(0)
    let queue = BatchQueue(count: 100, ahead: 3) { index in
      made.withLock { $0 += 1 }
      return ["index": Tensor(scalar: Float(index))]
    }
    for _ in 0..<5 { _ = try queue.next() }
    Thread.sleep(forTimeInterval: 0.05)
    #expect(made.withLock { $0 } <= 5 + 3)
    queue.cancel()
    Thread.sleep(forTimeInterval: 0.05)
    #expect(made.withLock { $0 } <= 5 + 3)
  }

  @Test func waitingIsMeasured() throws {
    let queue = BatchQueue(count: 1) { index in
      Thread.sleep(forTimeInterval: 0.05)
      return ["index": Tensor(scalar: Float(index))]
    }
    _ = try queue.next()
    #expect(queue.waiting >= .milliseconds(40))
  }

  @Test func aBatchThatCannotBeMadeIsThrownToItsTaker() throws {
    struct Unreadable: Error {}
    let queue = BatchQueue(count: 2) { index in
      guard index == 0 else { throw Unreadable() }
      return ["index": Tensor(scalar: 0)]
    }
    _ = try queue.next()
    #expect(throws: Unreadable.self) { try queue.next() }
  }
}
