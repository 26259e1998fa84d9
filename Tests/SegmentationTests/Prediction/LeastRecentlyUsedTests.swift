import Segmentation
import Testing

@Suite struct LeastRecentlyUsedTests {
  @Test func whatWasNotAskedForLongestGoesFirst() {
    var values = LeastRecentlyUsed<String, Int>(limit: 2)
    var made: [String] = []
    func ask(_ key: String) -> Int {
      values.value(for: key) {
        made.append(key)
        return made.count
      }
    }
    #expect([ask("a"), ask("b"), ask("a")] == [1, 2, 1])
    #expect(ask("c") == 3)
    #expect(values.keys == ["a", "c"])
    #expect([ask("a"), ask("b")] == [1, 4])
    #expect(values.keys == ["a", "b"] && made == ["a", "b", "c", "b"])
  }

  /// Two values are never alive beside the one that is made.
  @Test func roomIsMadeBefore() {
    final class Value {
      nonisolated(unsafe) static var aliveCount = 0
      init() { Self.aliveCount += 1 }
      deinit { Self.aliveCount -= 1 }
    }
    var values = LeastRecentlyUsed<Int, Value>(limit: 2)
    var most = 0
    for key in 0..<5 {
      _ = values.value(for: key) {
        let value = Value()
        most = max(most, Value.aliveCount)
        return value
      }
    }
    #expect(most == 2)
  }

  @Test func whatCannotBeMadeIsNotKept() {
    struct Failure: Error {}
    var values = LeastRecentlyUsed<Int, Int>(limit: 1)
    #expect(throws: Failure.self) { try values.value(for: 1) { throw Failure() } }
    let value = values.value(for: 1) { 5 }
    #expect(value == 5)
  }
}
