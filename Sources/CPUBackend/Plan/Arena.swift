/// The memory in which all executables of one executor compute, one run at a time.
///
/// It is as large as the largest of them needs. It moves before a run, and only where it is too small, or more than
/// twice as large as what is left of them needs; the old memory is given back before new is taken. Nothing in it
/// outlives a run.
///
/// Anchor: ggml's graph allocator, which reserves once for the largest graph.
final class Arena {
  /// What one executable needs of the arena, for as long as it holds on to this.
  final class Claim {
    fileprivate let byteCount: Int
    private let arena: Arena

    fileprivate init(_ byteCount: Int, of arena: Arena) {
      (self.byteCount, self.arena) = (byteCount, arena)
      arena.claimed[byteCount, default: 0] += 1
    }

    deinit {
      let others = arena.claimed[byteCount]! - 1
      arena.claimed[byteCount] = others > 0 ? others : nil
    }

    /// Where the arena lies for the next run.
    func address() -> UnsafeMutableRawPointer { arena.address() }
  }

  /// How many executables need so many bytes.
  private var claimed: [Int: Int] = [:]
  private var buffer: AlignedBuffer?

  /// The bytes that are held now.
  var byteCount: Int { buffer?.byteCount ?? 0 }

  func claim(_ byteCount: Int) -> Claim { Claim(byteCount, of: self) }

  private func address() -> UnsafeMutableRawPointer {
    let needed = claimed.keys.max() ?? 0
    if let buffer, (needed...max(needed, 2 * needed)).contains(buffer.byteCount) { return buffer.address }
    buffer = nil
    let grown = AlignedBuffer(byteCount: needed)
    buffer = grown
    return grown.address
  }
}
