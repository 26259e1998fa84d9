/// One-hot and argmax.
enum IndexingKernel {
  /// out[i, d] = 1 where x[i] = d, else 0
  static func oneHot<Element: ExpressibleByIntegerLiteral>(
    count: Int, depth: Int, _ x: UnsafePointer<Int32>, into out: UnsafeMutablePointer<Element>
  ) {
    Parallel.forRanges(count, grain: elementwiseGrain / max(1, depth) + 1) { range in
      for i in range {
        let row = out + i * depth
        for d in 0..<depth { row[d] = 0 }
        let index = Int(x[i])
        if index >= 0 && index < depth { row[index] = 1 }
      }
    }
  }

  /// out[o, i] = the first r with the largest x[o, r, i], for x of shape `[outer, reduced, inner]`; NaN is larger
  /// than every number.
  static func argmax<Element: Comparable>(
    outer: Int, reduced: Int, inner: Int, _ x: UnsafePointer<Element>, into out: UnsafeMutablePointer<Int32>
  ) {
    Parallel.forRanges(outer, grain: max(1, elementwiseGrain / max(1, reduced * inner))) { range in
      for o in range {
        for i in 0..<inner {
          let base = x + o * reduced * inner + i
          var best = 0
          for r in 1..<max(1, reduced) where isLarger(base[r * inner], than: base[best * inner]) { best = r }
          out[o * inner + i] = Int32(best)
        }
      }
    }
  }

  /// NaN alone does not equal itself.
  @inline(__always)
  private static func isLarger<Element: Comparable>(_ a: Element, than b: Element) -> Bool {
    a > b || (a != a && b == b)
  }
}
