import ProcessMemory
import Testing

@Suite struct MemoryLimitTests {
  @Test func whatIsTakenIsNotLeft() {
    #expect(MemoryLimit.available > 0 && MemoryLimit.available < MemoryLimit.byteCount)
    let before = MemoryLimit.available
    let bytes = [UInt8](repeating: 1, count: 256 << 20)
    #expect(before - MemoryLimit.available > 128 << 20)
    withExtendedLifetime(bytes) {}
  }
}
