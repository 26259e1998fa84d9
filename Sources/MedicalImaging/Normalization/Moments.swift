/// Mean and population standard deviation, in float64; zeros for no values.
///
///     mean = sum(x) / n,   deviation = sqrt(sum((x - mean)^2) / n)
package func moments(_ values: some Collection<Float>) -> (mean: Double, deviation: Double) {
  guard !values.isEmpty else { return (0, 0) }
  let count = Double(values.count)
  var sum = 0.0
  for value in values { sum += Double(value) }
  let mean = sum / count
  var squares = 0.0
  for value in values { squares += (Double(value) - mean) * (Double(value) - mean) }
  return (mean, (squares / count).squareRoot())
}

/// The p-th percentile of sorted values, linearly interpolated between neighbours (as NumPy's default).
///
/// - Parameters:
///   - p: from 0 to 100.
///   - values: ascending, at least one.
package func percentile(_ p: Double, ofSorted values: [Double]) -> Double {
  precondition(!values.isEmpty, "no values, no percentile")
  let position = p / 100 * Double(values.count - 1)
  let lower = Int(position)
  let upper = min(lower + 1, values.count - 1)
  return values[lower] + (position - Double(lower)) * (values[upper] - values[lower])
}
