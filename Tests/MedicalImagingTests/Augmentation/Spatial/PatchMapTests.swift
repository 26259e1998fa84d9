import MedicalImaging
import SeededRandom
import Testing

@Suite struct PatchMapTests {
  @Test(arguments: [1, 2])
  func theIdentityGivesTheSample(_ channelCount: Int) {
    let sample = randomSample([6, 7, 5], channelCount: channelCount)
    #expect(sample.patch(PatchMap(extents: [6, 7, 5], centre: sample.middle)) == sample)
  }

  @Test func aPatchInsideIsACrop() {
    let sample = randomSample([6, 7, 5])
    let patch = sample.patch(PatchMap(extents: [3, 2, 4], centre: SIMD3(2, 3.5, 2.5)))
    for d in 0..<3 {
      for h in 0..<2 {
        for w in 0..<4 { #expect(patch.value(d, h, w) == sample.value(d + 1, h + 3, w + 1)) }
      }
    }
  }

  @Test(arguments: 0..<3)
  func aNegativeDiagonalFlips(_ axis: Int) {
    let sample = randomSample([4, 5, 6], channelCount: 2)
    var signs = SIMD3<Double>(repeating: 1)
    signs[axis] = -1
    let map = PatchMap(extents: [4, 5, 6], centre: sample.middle, map: LinearMap(diagonal: signs))
    #expect(sample.patch(map) == sample.flipped(axis: axis))
  }

  @Test func beyondTheEdgesTheImageIsZeroAndTheLabelsAreBackground() {
    let sample = Sample(
      extents: [2, 2, 2], channelCount: 1, image: [Float](repeating: 1, count: 8),
      labels: [UInt8](repeating: 3, count: 8))
    let patch = sample.patch(PatchMap(extents: [4, 4, 4], centre: SIMD3(repeating: 0.5)))
    #expect(patch.image.reduce(0, +) == 8)
    #expect(patch.labels.count { $0 == 3 } == 8)
    #expect(patch.value(1, 1, 1) == 1 && patch.value(0, 1, 1) == 0)
    let far = sample.patch(PatchMap(extents: [1, 1, 1], centre: SIMD3(1e30, -1e30, .nan)))
    #expect(far.image == [0] && far.labels == [0])
  }

  /// Linear interpolation gives a linear image back exactly, whatever the map, up to rounding.
  @Test func linearImagesStayLinear() {
    let image = sample([20, 20, 20]) { d, h, w in Float(d) + 2 * Float(h) - 3 * Float(w) }
    var generator = SplitMix64(seed: 3)
    let rotation = RandomRotation(probability: 1).drawnMap(using: &generator)
    let map = PatchMap(extents: [5, 6, 7], centre: image.middle, map: rotation)
    let patch = image.patch(map)
    for d in 0..<5 {
      for h in 0..<6 {
        for w in 0..<7 {
          let x = image.middle + rotation(SIMD3(Double(d) - 2, Double(h) - 2.5, Double(w) - 3))
          #expect(abs(patch.value(d, h, w) - Float(x.x + 2 * x.y - 3 * x.z)) < 1e-4)
        }
      }
    }
  }

  /// 0.4 voxels from the first corner along each axis that corner has a weight of 0.6^3, the others have the rest.
  @Test func aLabelIsTheOneWithMostWeight() {
    func label(_ labels: [UInt8]) -> UInt8 {
      let sample = Sample(
        extents: [2, 2, 2], channelCount: 1, image: [Float](repeating: 0, count: 8), labels: labels)
      return sample.patch(PatchMap(extents: [1, 1, 1], centre: SIMD3(repeating: 0.4))).labels[0]
    }
    #expect(label([0, 1, 1, 1, 1, 1, 1, 1]) == 1)
    #expect(label([2, 1, 1, 0, 1, 0, 0, 0]) == 1)
    // 0.216 + 0.144 against 2 * 0.144 + 3 * 0.096 + 0.064
    #expect(label([2, 2, 1, 1, 1, 1, 1, 1]) == 1)
    #expect(label([2, 2, 2, 0, 1, 1, 1, 1]) == 2)
  }

  @Test(arguments: 0..<3)
  func aQuarterTurnPermutes(_ axis: Int) {
    let sample = randomSample([5, 5, 5])
    let turned = sample.patch(
      PatchMap(
        extents: [5, 5, 5], centre: sample.middle, map: LinearMap(rotationAbout: axis, degrees: 90)))
    #expect(turned.labels != sample.labels)
    #expect(turned.labels.sorted() == sample.labels.sorted())
    let back = turned.patch(
      PatchMap(
        extents: [5, 5, 5], centre: sample.middle, map: LinearMap(rotationAbout: axis, degrees: -90)))
    #expect(back.labels == sample.labels)
    for (found, wanted) in zip(back.image, sample.image) { #expect(abs(found - wanted) < 1e-5) }
  }

  @Test func equalCoefficientsMoveThePatch() {
    let sample = randomSample([8, 8, 8])
    let field = DisplacementField(
      extents: [4, 4, 4], meshCells: 2, coefficients: Array(repeating: SIMD3(1, 0, -1), count: 125))
    let moved = sample.patch(
      PatchMap(extents: [4, 4, 4], centre: SIMD3(3.5, 3.5, 3.5), displacement: field))
    let crop = sample.patch(PatchMap(extents: [4, 4, 4], centre: SIMD3(4.5, 3.5, 2.5)))
    for (found, wanted) in zip(moved.image, crop.image) { #expect(abs(found - wanted) < 1e-5) }
    #expect(moved.labels == crop.labels)
  }
}
