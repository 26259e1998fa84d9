/// e^x for eight numbers, to within 2 units in the last place.
///
/// x is split into n * ln 2 + r with |r| <= ln 2 / 2; e^r is a polynomial of degree 6 (the Taylor series with its
/// last coefficients adjusted by the compiler's rounding only), and 2^n goes into the exponent bits. Results
/// below 2^-126 flush to zero. NaN stays NaN, so that a loss tells of it.
@inline(__always)
func exponential(_ x: SIMD8<Float>) -> SIMD8<Float> {
  let low = SIMD8<Float>(repeating: -87.3365)
  let high = SIMD8<Float>(repeating: 88.7228)
  let clamped = x.clamped(lowerBound: low, upperBound: high)
  // Beside 1.5 * 2^23 a number has no bits below one: the sum rounds, and its last bits are the integer.
  let shifter = SIMD8<Float>(repeating: 12_582_912)
  let shifted = clamped * 1.442_695_04 + shifter
  let n = shifted - shifter
  // ln 2 in two parts, so that r keeps all its bits (Cody and Waite).
  let r = (clamped - n * 0.693_359_375) + n * 2.121_944_4e-4
  var p = SIMD8<Float>(repeating: 1.0 / 720)
  p = p * r + 1.0 / 120
  p = p * r + 1.0 / 24
  p = p * r + 1.0 / 6
  p = p * r + 0.5
  p = p * r + 1
  p = p * r + 1
  let integers =
    unsafeBitCast(shifted, to: SIMD8<Int32>.self) &- unsafeBitCast(shifter, to: SIMD8<Int32>.self)
  // Two factors, because 2^128 alone has no exponent of its own.
  let half = integers &>> 1
  let power = unsafeBitCast((half &+ 127) &<< 23, to: SIMD8<Float>.self)
  let rest = unsafeBitCast((integers &- half &+ 127) &<< 23, to: SIMD8<Float>.self)
  let result = (p * power * rest).replacing(with: 0, where: x .< low)
  return result.replacing(with: x, where: x .!= x)
}
