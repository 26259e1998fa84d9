import SeededRandom
import Testing

@Suite struct StableHashTests {
  /// Source: the test vectors of the FNV-1a specification's authors, 64 bits.
  @Test(
    arguments: [
      ("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8),
    ] as [(String, UInt64)])
  func isFNV1a(_ text: String, _ expected: UInt64) {
    #expect(text.utf8.stableHash == expected)
  }
}
