import TensorGraph
import Testing

/// A binary format narrower than single precision, by its bit patterns.
struct NarrowFormat: Sendable, CustomTestStringConvertible {
  var dtype: DType
  var fractionBits: Int
  var bias: Int

  static let all = [
    NarrowFormat(dtype: .bf16, fractionBits: 7, bias: 127),
    NarrowFormat(dtype: .f16, fractionBits: 10, bias: 15),
  ]

  var testDescription: String { dtype.rawValue }

  /// The pattern of infinity: every fraction bit clear, every exponent bit set.
  var infinity: Int { (2 * bias + 1) << fractionBits }

  /// The positive number of a pattern. The pattern of infinity stands for the number that would follow the largest
  /// finite one, from which overflow is reckoned.
  func value(_ pattern: Int) -> Double {
    let (exponent, fraction) = (pattern >> fractionBits, pattern & ((1 << fractionBits) - 1))
    let significand = Double(fraction) / Double(1 << fractionBits) + (exponent == 0 ? 0 : 1)
    return Double(sign: .plus, exponent: max(exponent, 1) - bias, significand: significand)
  }
}

@Suite struct RoundingTests {
  /// Every number of the format stays; between neighbours the nearer wins, and the even pattern half-way.
  @Test(arguments: NarrowFormat.all)
  func everyNumberOfTheFormat(_ format: NarrowFormat) {
    func rounds(_ x: Double, to pattern: Int) -> Bool {
      let expected = pattern == format.infinity ? Float.infinity : Float(format.value(pattern))
      return x.rounded(to: format.dtype).bitPattern == expected.bitPattern
        && (-x).rounded(to: format.dtype).bitPattern == (-expected).bitPattern
    }
    for pattern in 0..<format.infinity {
      let (low, high) = (format.value(pattern), format.value(pattern + 1))
      let middle = (low + high) / 2
      let even = pattern.isMultiple(of: 2) ? pattern : pattern + 1
      let isRight =
        rounds(low, to: pattern) && rounds(middle.nextDown, to: pattern) && rounds(middle, to: even)
        && rounds(middle.nextUp, to: pattern + 1)
      #expect(isRight, "pattern \(pattern)")
    }
  }

  @Test(
    arguments: [
      (DType.bf16, 1.00390625, 1), (.bf16, 1.01171875, 1.015625),
      (.bf16, 3.3895313892515355e38, 3.3895314e38),
      (.bf16, 3.4e38, .infinity), (.bf16, 0x1p-133, 0x1p-133), (.bf16, 0x1p-134, 0),
      (.bf16, 0x1.01p-134, 0x1p-133),
      (.f16, 65519.99, 65504), (.f16, 65520, .infinity), (.f16, 0x1p-24, 0x1p-24), (.f16, 0x1p-25, 0),
      (.f16, 2049, 2048), (.f16, 2051, 2052), (.f16, 1e-7, 0x1p-23),
      (.f32, 16_777_217, 16_777_216), (.f32, 1e39, .infinity), (.f32, 0x1p-150, 0),
      (.f32, 0x1.01p-150, 0x1p-149),
      (.i32, 2.99, 2), (.i32, -2.99, -2), (.i32, 1e10, 0x1p31), (.i32, -1e10, -0x1p31), (.i32, .nan, 0),
      (.i32, .infinity, 0x1p31), (.bool, 0.1, 1), (.bool, -0.0, 0), (.bool, .nan, 1),
    ] as [(DType, Double, Float)])
  func examples(_ dtype: DType, _ x: Double, _ expected: Float) {
    #expect(x.rounded(to: dtype) == expected)
  }

  @Test(arguments: [DType.f32, .bf16, .f16])
  func specialNumbers(_ dtype: DType) {
    #expect(Double.nan.rounded(to: dtype).isNaN)
    #expect(Double.infinity.rounded(to: dtype) == .infinity)
    #expect((-Double.infinity).rounded(to: dtype) == -.infinity)
    #expect((-0.0).rounded(to: dtype).bitPattern == Float(-0.0).bitPattern)
    #expect(Double.leastNonzeroMagnitude.rounded(to: dtype) == 0)
    #expect(Float(-0.25).rounded(to: dtype) == -0.25)
  }

  @Test func integersHaveNoNegativeZero() { #expect((-0.5).rounded(to: .i32).sign == .plus) }
}
