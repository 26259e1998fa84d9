/// Values by key, up to a number: when there is no more room, the one that was not asked for longest goes.
package struct LeastRecentlyUsed<Key: Equatable, Value> {
  package let limit: Int
  /// The one that goes next first.
  private var entries: [(key: Key, value: Value)] = []

  /// - Precondition: the limit is positive.
  package init(limit: Int) {
    precondition(limit > 0, "room for \(limit) values")
    self.limit = limit
  }

  /// The keys whose values are kept, the one that goes next first.
  package var keys: [Key] { entries.map(\.key) }

  /// The value of a key, made where it is not kept. Room is made before, because what is made may need the memory.
  package mutating func value(for key: Key, make: () throws -> Value) rethrows -> Value {
    if let index = entries.firstIndex(where: { $0.key == key }) {
      let entry = entries.remove(at: index)
      entries.append(entry)
      return entry.value
    }
    if entries.count == limit { entries.removeFirst() }
    let value = try make()
    entries.append((key, value))
    return value
  }
}
