extension Double {
  /// The element of `dtype` that stands for this number.
  ///
  /// - f32, bf16, f16: the nearest, the even one on a tie, subnormals included; beyond the largest finite
  ///   number infinity. NaN stays NaN and zero keeps its sign.
  /// - i32: truncated towards zero; numbers out of range saturate and NaN becomes 0.
  /// - bool: 0 for zero, else 1.
  ///
  /// Source: IEEE 754-2019, section 4.3.1; StableHLO specification, `convert`, which leaves the integers out of
  /// range to the implementation.
  public func rounded(to dtype: DType) -> Float {
    switch dtype {
    case .f32: Float(self)
    case .bf16: Float(rounded(fractionBits: 7, leastExponent: -126, greatestExponent: 127))
    case .f16: Float(rounded(fractionBits: 10, leastExponent: -14, greatestExponent: 15))
    case .i32: Float(truncatedToInt32)
    case .bool: self == 0 ? 0 : 1
    }
  }

  /// Rounds to a binary format with `fractionBits` bits after the leading one and normal exponents in
  /// `leastExponent ... greatestExponent`. Every step but the rounding is exact.
  private func rounded(fractionBits: Int, leastExponent: Int, greatestExponent: Int) -> Double {
    guard isFinite, !isZero else { return self }
    // Below the least exponent the spacing of numbers no longer shrinks: these are the subnormals.
    let spacing = Double(
      sign: .plus, exponent: max(Int(exponent), leastExponent) - fractionBits, significand: 1)
    let nearest = (self / spacing).rounded(.toNearestOrEven) * spacing
    let limit = Double(sign: .plus, exponent: greatestExponent + 1, significand: 1)
    return nearest.magnitude < limit ? nearest : Double(signOf: self, magnitudeOf: .infinity)
  }

  private var truncatedToInt32: Double {
    guard !isNaN else { return 0 }
    return min(max(rounded(.towardZero), Double(Int32.min)), Double(Int32.max)) + 0
  }
}

extension Float {
  /// The element of `dtype` that stands for this number: see `Double.rounded(to:)`.
  public func rounded(to dtype: DType) -> Float { Double(self).rounded(to: dtype) }
}

extension Tensor {
  /// A tensor of the given numbers, each rounded to the dtype.
  public init(_ type: TensorType, rounding values: [Double]) {
    self.init(type, values.map { $0.rounded(to: type.dtype) })
  }
}
