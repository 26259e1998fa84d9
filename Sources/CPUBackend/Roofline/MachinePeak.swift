import CPUKernels

/// The two limits of a machine's roofline, measured on so many threads.
///
/// Source: Williams, Waterman and Patterson, "Roofline: An Insightful Visual Performance Model for Multicore
/// Architectures", Communications of the ACM 52(4), 2009.
public struct MachinePeak: Sendable, Codable {
  public let threads: Int
  /// Products and sums of float32 in a second, in registers alone.
  public let flopsPerSecond: Double
  /// The same of pairs in bfloat16; nil where the instruction set has none.
  public let pairFlopsPerSecond: Double?
  /// Bytes in a second from and to memory, two read for one written; what a cache line is read for before it is written does
  /// not count.
  public let bytesPerSecond: Double

  /// Takes some two seconds and 384 MiB.
  public init(threads: Int) throws {
    try Parallel.reserve(threads)
    Parallel.threadCount = threads
    self.threads = threads
    let set = InstructionSet.used.kernels
    flopsPerSecond = Self.flopsPerSecond(threads) { runAtPeak(set, $0, $1) }
    pairFlopsPerSecond =
      set == KernelAVX512BFloat16 ? Self.flopsPerSecond(threads) { runPairsAtPeak(set, $0, $1) } : nil
    bytesPerSecond = Self.bytesPerSecond()
  }

  private static let runs = 5
  private static let rounds: Int64 = 2_000_000

  /// The least seconds of some runs.
  private static func seconds(_ body: () -> Void) -> Double {
    let clock = ContinuousClock()
    return (0..<runs).map { _ in clock.measure(body) / .seconds(1) }.min()!
  }

  private static func flopsPerSecond(
    _ threads: Int, _ run: (Int64, UnsafeMutablePointer<Float>) -> Int64
  ) -> Double {
    // A thread's sink has lines of the cache of its own.
    var sinks = [Float](repeating: 0.5, count: threads * 64)
    return sinks.withUnsafeMutableBufferPointer { sinks in
      let start = sinks.baseAddress!
      let flops = Double(threads) * Double(run(1000, start)) / 1000 * Double(rounds)
      return flops
        / seconds {
          Parallel.forItems(threads, threadCount: threads) { item, _ in _ = run(rounds, start + 64 * item) }
        }
    }
  }

  /// Floats of each of three arrays: more than caches hold.
  private static let count = 1 << 25

  private static func bytesPerSecond() -> Double {
    let arrays = (0..<3).map { _ in AlignedBuffer(byteCount: 4 * count) }
    let pointers = arrays.map { $0.address.assumingMemoryBound(to: Float.self) }
    let (a, b, sum) = (pointers[0], pointers[1], pointers[2])
    return withExtendedLifetime(arrays) {
      Double(3 * 4 * count)
        / seconds {
          Parallel.forRanges(count, grain: 1 << 16) { range in for i in range { sum[i] = a[i] + 3 * b[i] } }
        }
    }
  }
}
