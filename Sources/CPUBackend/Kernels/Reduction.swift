/// Sums of float32 tensors. Partial sums of some hundreds of elements are float32, their sum float64, in an
/// order that depends on the shape only: results do not change with the number of threads.
enum ReductionKernel {
  /// Elements that one float32 partial sum takes.
  private static let run = 256

  /// out[o, i] = sum over r of x[o, r, i], for x of shape `[outer, reduced, inner]`.
  static func sum<Element: StoredElement>(
    outer: Int, reduced: Int, inner: Int, _ x: UnsafePointer<Element>,
    into out: UnsafeMutablePointer<Float>
  ) {
    if inner == 1 && reduced <= run { return sumOfShortRows(outer, reduced, x, into: out) }
    // Short rows are summed several at a time, side by side, so that the loops stay long.
    let repeats = inner >= 64 ? 1 : max(1, min(reduced, 64 / max(1, inner)))
    let period = repeats * inner
    let wholePeriods = reduced / repeats
    Parallel.forRanges(outer, grain: 1) { range in
      let totals = UnsafeMutablePointer<Double>.allocate(capacity: period)
      let partial = UnsafeMutablePointer<Float>.allocate(capacity: period)
      defer {
        totals.deallocate()
        partial.deallocate()
      }
      for o in range {
        let base = x + o * reduced * inner
        accumulate(base, period, wholePeriods, partial, totals)
        for i in 0..<inner {
          var total = 0.0
          for repetition in 0..<repeats { total += totals[repetition * inner + i] }
          for r in wholePeriods * repeats..<reduced { total += Double(base[r * inner + i].number) }
          out[o * inner + i] = Float(total)
        }
      }
    }
  }

  /// out[o] = sum over r of x[o, r]
  private static func sumOfShortRows<Element: StoredElement>(
    _ outer: Int, _ reduced: Int, _ x: UnsafePointer<Element>, into out: UnsafeMutablePointer<Float>
  ) {
    Parallel.forRanges(outer, grain: max(1, elementwiseGrain / max(1, reduced))) { range in
      for o in range {
        var total = 0.0
        for r in 0..<reduced { total += Double(x[o * reduced + r].number) }
        out[o] = Float(total)
      }
    }
  }

  /// totals[p] = sum over the periods of x[period * count + p]
  private static func accumulate<Element: StoredElement>(
    _ x: UnsafePointer<Element>, _ period: Int, _ count: Int, _ partial: UnsafeMutablePointer<Float>,
    _ totals: UnsafeMutablePointer<Double>
  ) {
    totals.update(repeating: 0, count: period)
    var first = 0
    while first < count {
      let last = min(first + run, count)
      partial.update(repeating: 0, count: period)
      for row in first..<last {
        let source = x + row * period
        for p in 0..<period { partial[p] += source[p].number }
      }
      for p in 0..<period { totals[p] += Double(partial[p]) }
      first = last
    }
  }

  /// The sum of all elements; of their squares when `squared`.
  static func total(_ count: Int, _ x: UnsafePointer<Float>, squared: Bool) -> Float {
    let chunk = 65_536
    let chunks = (count + chunk - 1) / chunk
    let sums = UnsafeMutablePointer<Double>.allocate(capacity: max(1, chunks))
    defer { sums.deallocate() }
    Parallel.forRanges(chunks, grain: 1) { range in
      for index in range {
        let start = index * chunk
        sums[index] = chunkTotal(min(chunk, count - start), x + start, squared)
      }
    }
    var total = 0.0
    for index in 0..<chunks { total += sums[index] }
    return Float(total)
  }

  private static func chunkTotal(_ count: Int, _ x: UnsafePointer<Float>, _ squared: Bool) -> Double {
    var total = 0.0
    var i = 0
    let raw = UnsafeRawPointer(x)
    while i + 8 <= count {
      var lanes = SIMD8<Float>.zero
      let end = min(i + run * 8, count - 7)
      while i < end {
        let v = raw.loadUnaligned(fromByteOffset: i * 4, as: SIMD8<Float>.self)
        lanes += squared ? v * v : v
        i += 8
      }
      for lane in 0..<8 { total += Double(lanes[lane]) }
    }
    while i < count {
      total += Double(squared ? x[i] * x[i] : x[i])
      i += 1
    }
    return total
  }

  /// Voxels that a channel sum adds up apart from others.
  private static let voxelsPerPart = 4096

  /// out[c] = the sum over batch and voxels of x in the layout N, C/block, voxels, block: of parts, then of these in their
  /// order.
  static func channelSum<Element: StoredElement>(
    batch: Int, voxels: Int, channels: Int, block: Int, _ x: UnsafePointer<Element>,
    into out: UnsafeMutablePointer<Float>
  ) {
    let blocks = (channels + block - 1) / block
    let parts = shares(of: voxels, voxelsPerPart)
    let scratch = UnsafeMutablePointer<Float>.allocate(capacity: batch * blocks * parts * block)
    defer { scratch.deallocate() }
    Parallel.forRanges(batch * blocks * parts, grain: 1) { range in
      for part in range {
        let (row, first) = (part / parts, part % parts * voxelsPerPart)
        sum(
          outer: 1, reduced: min(voxelsPerPart, voxels - first), inner: block,
          x + (row * voxels + first) * block, into: scratch + part * block)
      }
    }
    for c in 0..<channels {
      var total = 0.0
      for n in 0..<batch {
        let row = n * blocks + c / block
        for part in row * parts..<(row + 1) * parts { total += Double(scratch[part * block + c % block]) }
      }
      out[c] = Float(total)
    }
  }
}
