import SeededRandom

/// One synthetic scan with its mask.
public struct PhantomCase: Sendable {
  public let image: Volume
  public let labels: LabelVolume

  /// Makes the case of a seed; equal seeds and configurations give equal voxels.
  ///
  /// Sizes lie in 30-45 x 40-60 x 25-40 voxels, spacings in 0.8-1.3 mm, the axes are turned a little. A spacing that is
  /// asked for keeps the sizes, in mm at 1 mm a voxel.
  public init(configuration: PhantomConfiguration, seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var extents = [30...45, 40...60, 25...40].map { Int.random(in: $0, using: &random) }
    var spacing = (0..<3).map { _ in 0.8 + Double(Int(random.nextUnit() * 51)) / 100 }
    if let wanted = configuration.spacing {
      spacing = wanted
      extents = zip(extents, wanted).map { Int((Double($0) / $1).rounded(.up)) }
    }
    let size = GridSize(extents[0], extents[1], extents[2])
    let geometry = Self.geometry(spacing, using: &random)
    let anatomy = PhantomAnatomy(size: size, spacing: spacing, using: &random)
    let intensities = PhantomIntensities(configuration: configuration, using: &random)
    let scale = Self.scale(configuration.modality, using: &random)

    var labels = [UInt8](repeating: 0, count: size.count)
    var voxels = [Float](repeating: 0, count: size.count * configuration.channelCount)
    let half = SIMD3(Double(size.i - 1), Double(size.j - 1), Double(size.k - 1)) / 2
    var index = 0
    for k in 0..<size.k {
      for j in 0..<size.j {
        for i in 0..<size.i {
          let (distance, along) = anatomy.position(i, j, k)
          let part = min(Int(along * Double(configuration.classCount)), configuration.classCount - 1) + 1
          labels[index] = distance < 0 ? UInt8(part) : 0
          let inside = min(max(0.5 - distance, 0), 1)
          let place = (SIMD3(Double(i), Double(j), Double(k)) - half) / half
          for channel in 0..<configuration.channelCount {
            let value = intensities.value(
              channel: channel, label: part, inside: inside, place: place, using: &random)
            voxels[channel * size.count + index] = scale.applied(to: value)
          }
          index += 1
        }
      }
    }
    image = Volume(size: size, channelCount: configuration.channelCount, geometry: geometry, voxels: voxels)
    self.labels = LabelVolume(size: size, geometry: geometry, labels: labels)
  }

  /// An affine with axes turned by a few degrees and an origin that differs from case to case.
  private static func geometry(_ spacing: [Double], using random: inout SplitMix64) -> Geometry {
    let (b, c, d) = (
      0.12 * (random.nextUnit() - 0.5), 0.12 * (random.nextUnit() - 0.5), 0.12 * (random.nextUnit() - 0.5)
    )
    let a = (1 - b * b - c * c - d * d).squareRoot()
    let rotation: [[Double]] = [
      [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
      [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
      [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
    ]
    let affine = (0..<3).map { row -> [Double] in
      let columns: [Double] = (0..<3).map { rotation[row][$0] * spacing[$0] }
      return columns + [Double(Int(random.nextUnit() * 801) - 400) / 10]
    }
    return Geometry(spacing: spacing, affine: affine)
  }

  /// From the scale where tissue is 1 to stored intensities.
  private struct Scale {
    let factor: Double
    let offset: Double
    let isWhole: Bool

    func applied(to value: Double) -> Float {
      let intensity = factor * value + offset
      return Float(isWhole ? intensity.rounded() : max(intensity, 0))
    }
  }

  private static func scale(_ modality: PhantomConfiguration.Modality, using random: inout SplitMix64)
    -> Scale
  {
    switch modality {
    case .mr: Scale(factor: 50 + 950 * random.nextUnit(), offset: 0, isWhole: false)
    // Tissue at about 40 HU, the structure at about 130.
    case .ct: Scale(factor: 200, offset: -160, isWhole: true)
    }
  }
}
