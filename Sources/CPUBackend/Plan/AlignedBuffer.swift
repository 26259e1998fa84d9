import Glibc

/// Bytes aligned to a page, zeroed, with one owner.
///
/// Large ones ask for huge pages: kernels walk tensors in long strides, and small pages would then cost more time
/// for the translation of addresses than for the data. The threads of the pool touch theirs first, each a part, so that
/// where memory is divided among processors (NUMA) a tensor lies on all of them.
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
    guard isLarge else {
      memset(address, 0, max(byteCount, 1))
      return
    }
    madvise(address, byteCount, MADV_HUGEPAGE)
    Parallel.forRanges(byteCount, grain: Self.hugePageSize) { [address] in
      memset(address + $0.lowerBound, 0, $0.count)
    }
  }

  deinit { address.deallocate() }
}
