import MedicalImaging
import SeededRandom
import Testing

@Suite struct FlipTests {
  /// Two channels; each voxel says where it is, its label too.
  private let sample = Sample(
    extents: [2, 3, 4], channelCount: 2, image: (0..<48).map(Float.init), labels: (0..<24).map { UInt8($0) })

  @Test(arguments: 0..<3)
  func flippingMovesImageAndLabelsTogether(_ axis: Int) {
    let flipped = sample.flipped(axis: axis)
    for d in 0..<2 {
      for h in 0..<3 {
        for w in 0..<4 {
          var source = [d, h, w]
          source[axis] = sample.extents[axis] - 1 - source[axis]
          let from = (source[0] * 3 + source[1]) * 4 + source[2]
          let to = (d * 3 + h) * 4 + w
          #expect(flipped.labels[to] == sample.labels[from])
          for c in 0..<2 { #expect(flipped.image[to * 2 + c] == sample.image[from * 2 + c]) }
        }
      }
    }
  }

  @Test(arguments: 0..<3)
  func flippingTwiceIsIdentity(_ axis: Int) {
    #expect(sample.flipped(axis: axis) != sample)
    #expect(sample.flipped(axis: axis).flipped(axis: axis) == sample)
  }

  @Test func equalSeedsGiveEqualSamples() {
    func series(_ seed: UInt64) -> [Sample] {
      var generator = SplitMix64(seed: seed)
      return (0..<16).map { _ in sample.augmented(by: [RandomFlip()], using: &generator) }
    }
    #expect(series(1) == series(1))
    #expect(series(1) != series(2))
  }

  @Test func probabilityDecides() {
    var generator = SplitMix64(seed: 3)
    for _ in 0..<20 {
      #expect(RandomFlip(probability: 0).augmented(sample, using: &generator) == sample)
      #expect(
        RandomFlip(axes: [0, 2], probability: 1).augmented(sample, using: &generator)
          == sample.flipped(axis: 0).flipped(axis: 2))
    }
  }

  /// The first two axes by default, each in half of the draws and independently of the other.
  @Test func eachAxisIsFlippedHalfOfTheTime() {
    var generator = SplitMix64(seed: 4)
    var counts: [[Int]: Int] = [:]
    for _ in 0..<4000 { counts[RandomFlip().drawnAxes(using: &generator), default: 0] += 1 }
    #expect(Set(counts.keys) == [[], [0], [1], [0, 1]])
    #expect(counts.values.allSatisfy { abs($0 - 1000) < 110 })
  }

  /// Neighbouring seeds, whose first draws must be unlike.
  @Test func eachAxisIsFlippedForHalfOfTheSeeds() {
    var counts = [0, 0]
    for seed in UInt64(0)..<1000 {
      var generator = SplitMix64(seed: seed)
      for axis in RandomFlip().drawnAxes(using: &generator) { counts[axis] += 1 }
    }
    #expect(counts.allSatisfy { abs($0 - 500) < 60 })
  }

  /// A later augmentation draws the same numbers whatever an earlier one decided.
  @Test func asManyNumbersAreDrawnWhateverTheProbability() {
    var (one, other) = (SplitMix64(seed: 5), SplitMix64(seed: 5))
    _ = RandomFlip(probability: 0).drawnAxes(using: &one)
    _ = RandomFlip(probability: 1).drawnAxes(using: &other)
    #expect(one.next() == other.next())
  }

  @Test func augmentationsFollowEachOtherInOrder() {
    var (one, other) = (SplitMix64(seed: 6), SplitMix64(seed: 6))
    let flips = [RandomFlip(axes: [0]), RandomFlip(axes: [1, 2])]
    let together = (0..<8).map { _ in sample.augmented(by: flips, using: &one) }
    let oneByOne = (0..<8).map { _ in
      flips[1].augmented(flips[0].augmented(sample, using: &other), using: &other)
    }
    #expect(together == oneByOne)
  }
}
