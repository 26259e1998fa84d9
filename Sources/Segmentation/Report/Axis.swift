import Foundation

/// An axis from its first to its last tick, which are round numbers.
struct Axis {
  let ticks: [Double]
  private let step: Double
  private let start: Double
  private let end: Double

  /// - Parameters:
  ///   - start: the pixel of the first tick.
  ///   - end: the pixel of the last tick; before `start` where the axis points up.
  init(fitting values: [Double], from start: Double, to end: Double, minimumStep: Double) {
    self.start = start
    self.end = end
    let (low, high) = (values.min()!, values.max()!)
    // About five ticks, one, two or five of a power of ten apart; one value has room above it.
    let range = high > low ? high - low : abs(high)
    let rough = max(range / 5, minimumStep)
    let power = pow(10, floor(log10(rough)))
    let step = power * ([1, 2, 5].first { $0 * power >= rough } ?? 10)
    self.step = step
    let (first, last) = (floor(low / step + 1e-9), ceil(high / step - 1e-9))
    ticks = stride(from: first, through: max(last, first + 1), by: 1).map { $0 * step }
  }

  func position(of value: Double) -> Double {
    start + (end - start) * (value - ticks[0]) / (ticks[ticks.count - 1] - ticks[0])
  }

  /// The tick with as many decimals as the step needs.
  func label(of tick: Double) -> String {
    let decimals = max(0, -Int(floor(log10(step) + 1e-9)))
    return String(format: "%.\(min(decimals, 9))f", tick == 0 ? 0 : tick)
  }
}

/// A coordinate in pixels, to a tenth.
func short(_ value: Double) -> String {
  let text = String(format: "%.1f", value)
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
