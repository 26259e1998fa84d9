import Glibc

/// Softmax and its gradient over rows of `channels` neighbouring elements.
enum SoftmaxKernel {
  private static let grain = 4_096

  /// y = exp(x - max) / sum(exp(x - max))
  static func forward(
    rows: Int, channels: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>
  ) {
    Parallel.forRanges(rows, grain: grain) { range in
      exponentiate(range, channels, x, y)
      for row in range {
        let out = y + row * channels
        var sum: Float = 0
        for c in 0..<channels { sum += out[c] }
        let factor = 1 / sum
        for c in 0..<channels { out[c] *= factor }
      }
    }
  }

  /// y = exp(x - max of the row): the shift first, then exponentials eight at a time across rows.
  private static func exponentiate(
    _ range: Range<Int>, _ channels: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>
  ) {
    for row in range {
      let (input, out) = (x + row * channels, y + row * channels)
      var largest = input[0]
      for c in 1..<max(1, channels) where input[c] > largest { largest = input[c] }
      for c in 0..<channels { out[c] = input[c] - largest }
    }
    let start = range.lowerBound * channels
    let end = range.upperBound * channels
    var i = start
    while i + 8 <= end {
      let raw = UnsafeMutableRawPointer(y + i)
      raw.storeBytes(of: exponential(raw.loadUnaligned(as: SIMD8<Float>.self)), as: SIMD8<Float>.self)
      i += 8
    }
    while i < end {
      y[i] = expf(y[i])
      i += 1
    }
  }

  /// dx = y * (dy - sum(y * dy))
  static func gradient(
    rows: Int, channels: Int, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>
  ) {
    Parallel.forRanges(rows, grain: grain) { range in
      for row in range {
        let base = row * channels
        var dot: Float = 0
        for c in base..<base + channels { dot += y[c] * dy[c] }
        for c in base..<base + channels { dx[c] = y[c] * (dy[c] - dot) }
      }
    }
  }
}
