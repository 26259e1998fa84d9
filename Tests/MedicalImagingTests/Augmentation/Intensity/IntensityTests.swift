import MedicalImaging
import SeededRandom
import Testing

/// Each transform's invariant, at probability 1.
@Suite struct IntensityTests {
  private let source = randomSample([12, 10, 8], channelCount: 2)

  private func augmented(_ sample: Sample, _ transform: any Augmentation, seed: UInt64 = 7) -> Sample {
    var generator = SplitMix64(seed: seed)
    return sample.augmented(by: [transform], using: &generator)
  }

  private func channel(_ index: Int, of sample: Sample) -> [Float] {
    stride(from: index, to: sample.image.count, by: sample.channelCount).map { sample.image[$0] }
  }

  private static let all: [any Augmentation] = [
    RandomGaussianNoise(probability: 1), RandomMeanBlur(probability: 1), RandomBrightness(probability: 1),
    RandomContrast(probability: 1), RandomLowResolution(probability: 1), RandomGamma(probability: 1),
    RandomGamma(probability: 1, isInverted: true),
    RandomHistogramMatching(
      probability: 1,
      quantiles: [5, 9].map {
        RandomHistogramMatching.quantiles(of: randomSample([6, 6, 6], channelCount: 2, seed: $0))
      }, caseIndex: 0),
  ]

  @Test(arguments: Self.all.indices)
  func oneSeedGivesOneResultAndLabelsStay(_ index: Int) {
    let transform = Self.all[index]
    let first = augmented(source, transform)
    #expect(first == augmented(source, transform))
    #expect(first.labels == source.labels)
    #expect(first.image != source.image)
    #expect(first.image.allSatisfy { $0.isFinite })
  }

  @Test func probabilityZeroChangesNothing() {
    let never: [any Augmentation] = [
      RandomGaussianNoise(probability: 0), RandomMeanBlur(probability: 0), RandomBrightness(probability: 0),
      RandomContrast(probability: 0), RandomLowResolution(probability: 0), RandomGamma(probability: 0),
      RandomHistogramMatching(
        probability: 0, quantiles: [source, source].map { RandomHistogramMatching.quantiles(of: $0) },
        caseIndex: 0),
    ]
    var generator = SplitMix64(seed: 7)
    #expect(source.augmented(by: never, using: &generator) == source)
  }

  @Test func noiseHasMeanZeroAndAtMostItsDeviation() {
    let flat = sample([20, 20, 20]) { _, _, _ in 2 }
    let values = augmented(flat, RandomGaussianNoise(probability: 1, maximumDeviation: 0.3)).image
    let mean = values.reduce(0, +) / Float(values.count)
    let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(values.count)).squareRoot()
    #expect(abs(mean - 2) < 0.02)
    #expect(deviation > 0.001 && deviation < 0.31)
  }

  @Test func brightnessMultipliesEachChannelByItsFactor() {
    let result = augmented(source, RandomBrightness(probability: 1))
    let factors = (0..<2).map { result.image[$0] / source.image[$0] }
    #expect(factors[0] != factors[1])
    for (index, value) in result.image.enumerated() {
      #expect(abs(value - source.image[index] * factors[index % 2]) < 1e-5)
    }
    #expect(factors.allSatisfy { (0.75...1.25).contains($0) })
  }

  @Test func contrastKeepsTheMean() {
    let result = augmented(source, RandomContrast(probability: 1))
    for index in 0..<2 {
      let (before, after) = (channel(index, of: source), channel(index, of: result))
      #expect(abs(before.reduce(0, +) - after.reduce(0, +)) < 1e-2)
    }
  }

  @Test(arguments: [false, true])
  func gammaKeepsTheRangeAndTheOrder(_ isInverted: Bool) {
    let result = augmented(source, RandomGamma(probability: 1, isInverted: isInverted))
    for index in 0..<2 {
      let (before, after) = (channel(index, of: source), channel(index, of: result))
      #expect(abs(before.min()! - after.min()!) < 1e-5 && abs(before.max()! - after.max()!) < 1e-5)
      let order = before.indices.sorted { before[$0] < before[$1] }
      for (a, b) in zip(order, order.dropFirst()) { #expect(after[a] <= after[b] + 1e-5) }
    }
  }

  @Test func gammaLeavesAFlatImage() {
    let flat = sample([4, 4, 4]) { _, _, _ in 2 }
    #expect(augmented(flat, RandomGamma(probability: 1)) == flat)
  }

  @Test func blurTakesTheMeanOf27Voxels() {
    let point = sample([5, 5, 5]) { d, h, w in d == 2 && h == 2 && w == 2 ? 27 : 0 }
    let result = augmented(point, RandomMeanBlur(probability: 1))
    for d in 0..<5 {
      for h in 0..<5 {
        for w in 0..<5 {
          let isNear = abs(d - 2) <= 1 && abs(h - 2) <= 1 && abs(w - 2) <= 1
          #expect(abs(result.value(d, h, w) - (isNear ? 1 : 0)) < 1e-6)
        }
      }
    }
    let flat = sample([4, 4, 4]) { _, _, _ in 3 }
    #expect(augmented(flat, RandomMeanBlur(probability: 1)) == flat)
  }

  @Test func lowResolutionOfFullFactorIsTheSample() {
    #expect(augmented(source, RandomLowResolution(probability: 1, minimumFactor: 1)) == source)
    let flat = sample([9, 9, 9]) { _, _, _ in 3 }
    #expect(augmented(flat, RandomLowResolution(probability: 1)) == flat)
  }

  @Test func histogramMatchingGivesTheOthersDistribution() {
    let other = sample([12, 10, 8]) { d, h, w in 100 + Float(d * 80 + h * 8 + w) }
    let single = randomSample([12, 10, 8])
    let quantiles = [single, other].map { RandomHistogramMatching.quantiles(of: $0) }
    let matching = RandomHistogramMatching(probability: 1, quantiles: quantiles, caseIndex: 0)
    let found = augmented(single, matching).image.sorted()
    for (found, wanted) in zip(found, other.image.sorted()) { #expect(abs(found - wanted) < 16) }
    #expect(abs(found[0] - 100) < 1e-3 && abs(found[959] - 1059) < 1e-3)
    // A patch takes what its voxels have in the whole case; the other case is never the case itself.
    let patch = single.patch(PatchMap(extents: [4, 4, 4], centre: SIMD3(5.5, 4.5, 3.5)))
    let wanted = augmented(single, matching).patch(
      PatchMap(extents: [4, 4, 4], centre: SIMD3(5.5, 4.5, 3.5)))
    #expect(augmented(patch, matching) == wanted)
  }

  @Test func histogramMatchingNeedsAnotherCase() {
    let alone = RandomHistogramMatching(
      probability: 1, quantiles: [RandomHistogramMatching.quantiles(of: source)], caseIndex: 0)
    #expect(augmented(source, alone) == source)
  }
}
