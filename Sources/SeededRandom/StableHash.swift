/// A hash that is the same in every process, unlike `Hasher`'s; not against an adversary.
///
/// Source: Fowler, Noll and Vo, FNV-1a, 64 bits.
public struct StableHash: Sendable {
  public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  public init() {}

  /// Adds a byte, or a longer word as if it were one.
  public mutating func add(_ word: some FixedWidthInteger & UnsignedInteger) {
    value = (value ^ UInt64(word)) &* 0x100_0000_01b3
  }
}

extension Sequence<UInt8> {
  /// The `StableHash` of the bytes.
  public var stableHash: UInt64 { reduce(into: StableHash()) { $0.add($1) }.value }
}
