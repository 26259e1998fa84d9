import Glibc

/// Bytes aligned to a page, zeroed, with one owner.
final class AlignedBuffer {
  let address: UnsafeMutableRawPointer
  let byteCount: Int

  init(byteCount: Int) {
    self.byteCount = byteCount
    address = UnsafeMutableRawPointer.allocate(byteCount: max(byteCount, 1), alignment: 4096)
    memset(address, 0, max(byteCount, 1))
  }

  deinit { address.deallocate() }
}
