import SeededRandom

/// The contrasts, the bias field and the noise of one synthetic scan.
struct PhantomIntensities: Sendable {
  /// The mean of each class for each channel, `[channel][class]`, on a scale where tissue is about 1.
  private let means: [[Double]]
  /// Coefficients of 1, x, y, z, xy, yz, xx, zz in the bias field, for each channel; x, y, z in -1...1.
  private let bias: [[Double]]
  private let noise: Double
  /// Two round neighbours: one darker (fluid), one brighter (fat), as centre in -1...1, radius and contrast.
  private let neighbours: [(centre: SIMD3<Double>, radius: Double, contrast: Double)]

  init(configuration: PhantomConfiguration, using random: inout SplitMix64) {
    func vary(_ centre: Double, _ range: Double) -> Double { centre + range * (2 * random.nextUnit() - 1) }
    means = (0..<configuration.channelCount).map { channel in
      // The parts alternate a little in brightness; every second channel shows the structure dark.
      let contrast = (channel.isMultiple(of: 2) ? 1.0 : -1.0) * vary(0.45, 0.05)
      return [1.0]
        + (0..<configuration.classCount).map { 1 + contrast * ($0.isMultiple(of: 2) ? 1 : 0.75) }
    }
    let isCT = configuration.modality == .ct
    bias = (0..<configuration.channelCount).map { _ in
      [1] + (0..<7).map { _ in isCT ? 0 : vary(0, 0.06) }
    }
    noise = vary(0.08, 0.02)
    neighbours = [-1.0, 1.0].map { side in
      (SIMD3(side * vary(0.85, 0.1), vary(0, 0.7), vary(-0.5, 0.4)), vary(0.35, 0.1), side * 0.4)
    }
  }

  /// Returns the intensity at a voxel, on the scale where tissue is about 1.
  ///
  /// - Parameters:
  ///   - place: The voxel's place in the grid, -1...1 along each axis.
  ///   - inside: How much of the voxel belongs to the structure, 0...1.
  func value(
    channel: Int, label: Int, inside: Double, place: SIMD3<Double>, using random: inout SplitMix64
  ) -> Double {
    var background = means[channel][0]
    for neighbour in neighbours {
      let offset = place - neighbour.centre
      let depth = 1 - (offset * offset).sum() / (neighbour.radius * neighbour.radius)
      if depth > 0 { background += neighbour.contrast * min(1, 3 * depth) }
    }
    let tissue = background + inside * (means[channel][label] - background)
    let (x, y, z) = (place.x, place.y, place.z)
    let terms = [1, x, y, z, x * y, y * z, x * x, z * z]
    var field = 0.0
    for index in terms.indices { field += bias[channel][index] * terms[index] }
    return tissue * field + noise * random.nextBell()
  }
}

extension SplitMix64 {
  /// Returns a number with mean 0 and variance 1, near a normal distribution and within -3.5...3.5.
  ///
  /// The sum of four even numbers, which needs no function whose last bit differs between machines.
  mutating func nextBell() -> Double {
    let bits = next()
    let sum = (0..<4).reduce(0) { $0 + Int(bits >> (16 * UInt64($1)) & 0xFFFF) }
    return (Double(sum) / 65536 - 2) * 1.7320508075688772
  }
}
