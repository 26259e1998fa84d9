import Glibc

/// Bytes aligned to a page, zeroed, with one owner.
///
/// Large ones ask for huge pages: kernels walk tensors in long strides, and small pages would then cost more time
/// for the translation of addresses than for the data.
final class AlignedBuffer {
  private static let pageSize = 4096
  private static let hugePageSize = 2 << 20
  let address: UnsafeMutableRawPointer
  let byteCount: Int

  init(byteCount: Int) {
    self.byteCount = byteCount
    let isLarge = byteCount >= 2 * Self.hugePageSize
    address = UnsafeMutableRawPointer.allocate(
      byteCount: max(byteCount, 1), alignment: isLarge ? Self.hugePageSize : Self.pageSize)
    if isLarge { madvise(address, byteCount, MADV_HUGEPAGE) }
    memset(address, 0, max(byteCount, 1))
  }

  deinit { address.deallocate() }
}
