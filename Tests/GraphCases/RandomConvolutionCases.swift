import SeededRandom
import TensorGraph

/// Convolutions with their gradients over shapes that nobody would choose: 1 to 40 channels, filters wider than the
/// grid, padding as wide as the filter, batches of 1 to 5.
public func randomConvolutionCases(count: Int, seed: UInt64) -> [GraphCase] {
  var random = SplitMix64(seed: seed)
  return (0..<count).map { index in
    let setting = ConvolutionSetting(using: &random)
    return graphCase("random convolution/seed \(seed), \(index): \(setting.summary)") { c in
      let x = c.input("x", setting.inputShape)
      let w = c.weight("w", setting.filterShape)
      c.tolerance = 1e-4
      try c.differentiate(try c.builder.convolution(x, w, setting.window), x, w)
    }
  }
}

extension ConvolutionSetting {
  fileprivate init(using random: inout SplitMix64) {
    func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    let isCube = number(0...3) > 0
    let (size, stride) = ([1, 2, 3, 3, 3, 5, 7][number(0...6)], [1, 1, 2][number(0...2)])
    let kernel = (0..<3).map { _ in isCube ? size : number(1...5) }
    let axes = kernel.map { taps in
      let dilation = isCube && number(0...7) > 0 ? 1 : number(1...2)
      return WindowAxis(
        stride: isCube ? stride : number(1...3), before: number(0...taps - 1), after: number(0...taps - 1),
        dilation: dilation)
    }
    let extents = zip(kernel, axes).map { taps, axis in
      let needed = max(1, (taps - 1) * axis.dilation + 1 - axis.before - axis.after)
      return max(needed, number(1...12))
    }
    self.init(
      extents: extents, batch: number(1...5), channels: (number(1...40), number(1...40)), kernel: kernel,
      axes: axes)
  }

  fileprivate var summary: String {
    let windows = axes.map { "\($0.stride),\($0.before),\($0.after),\($0.dilation)" }
    return "\(inputShape) * \(filterShape), windows \(windows.joined(separator: " "))"
  }
}
