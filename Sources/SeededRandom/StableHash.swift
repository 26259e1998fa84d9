extension Sequence<UInt8> {
  /// A hash of the bytes that is the same in every process, unlike `hashValue`; not against an adversary.
  ///
  /// Source: Fowler, Noll and Vo, FNV-1a, 64 bits.
  public var stableHash: UInt64 {
    reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
