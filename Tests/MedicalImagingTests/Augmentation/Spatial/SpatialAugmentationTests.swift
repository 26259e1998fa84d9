import Foundation
import MedicalImaging
import SeededRandom
import Testing

@Suite struct SpatialAugmentationTests {
  @Test func rotationsKeepLengthsAndHandedness() {
    for seed in 0..<20 {
      var generator = SplitMix64(seed: UInt64(seed))
      let columns = RandomRotation(probability: 1).drawnMap(using: &generator).columns
      for (i, a) in columns.enumerated() {
        for (j, b) in columns.enumerated() { #expect(abs((a * b).sum() - (i == j ? 1 : 0)) < 1e-12) }
      }
      let (a, b) = (columns[0], columns[1])
      let cross = SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
      #expect(abs((cross * columns[2]).sum() - 1) < 1e-12)
    }
  }

  @Test func scalesStayInTheirRange() {
    var factors: [Double] = []
    for seed in 0..<200 {
      var generator = SplitMix64(seed: UInt64(seed))
      factors.append(1 / RandomScaling(probability: 1).drawnMap(using: &generator).columns[1].y)
    }
    #expect(factors.min()! >= 0.8 && factors.max()! <= 1.25)
    #expect(factors.min()! < 0.82 && factors.max()! > 1.23)
  }

  /// 0.35 of 4000, each map one factor along all axes.
  @Test func scalesComeAsOftenAsTheirProbability() {
    var generator = SplitMix64(seed: 6)
    let drawn = (0..<4000).map { _ in RandomScaling().drawnMap(using: &generator) }
    let maps = drawn.filter { $0 != .identity }
    #expect(abs(maps.count - 1400) < 150)
    #expect(maps.allSatisfy { $0 == LinearMap(diagonal: SIMD3(repeating: $0.columns[0].x)) })
    let factors = maps.map { 1 / $0.columns[0].x }
    #expect(factors.allSatisfy { (0.8 - 1e-12...1.25 + 1e-12).contains($0) })
    #expect(factors.min()! < 0.82 && factors.max()! > 1.23)
  }

  /// The angles in degrees, each below 90, about D, H and W, of the product of rotations in this order:
  ///
  ///     last column = (sin b, -sin a cos b, cos a cos b);   first row = (cos b cos c, -cos b sin c, sin b)
  private func angles(_ map: LinearMap) -> [Double] {
    let (x, y, z) = (map.columns[0], map.columns[1], map.columns[2])
    return [atan2(-z.y, z.z), asin(z.x), atan2(-y.x, x.x)].map { $0 * 180 / .pi }
  }

  /// 0.35 of 4000, by angles over the whole range about each axis.
  @Test func rotationsComeAsOftenAsTheirProbabilityAndStayInTheirRange() {
    var generator = SplitMix64(seed: 7)
    let drawn = (0..<4000).map { _ in RandomRotation().drawnMap(using: &generator) }
    let turned = drawn.filter { $0 != .identity }.map(angles)
    #expect(abs(turned.count - 1400) < 150)
    for axis in 0..<3 {
      let found = turned.map { $0[axis] }
      #expect(found.allSatisfy { abs($0) < 25 + 1e-9 })
      #expect(found.min()! < -24 && found.max()! > 24)
    }
  }

  /// On a grid of 1 x 2 x 4 mm a rotation keeps distances in mm.
  @Test func rotationsAreRigidInMillimetres() {
    let spacing = [1.0, 2, 4]
    let augmentation = SpatialAugmentation([.rotation(RandomRotation(probability: 1))])
    var generator = SplitMix64(seed: 5)
    let map = augmentation.drawnMap(
      extents: [8, 8, 8], centre: .zero, spacing: spacing, using: &generator)
    for (axis, column) in map.map.columns.enumerated() {
      let millimetres = column * SIMD3(spacing[0], spacing[1], spacing[2])
      #expect(abs((millimetres * millimetres).sum().squareRoot() - spacing[axis]) < 1e-12)
    }
  }

  @Test func withoutTransformsThePatchIsACrop() {
    var generator = SplitMix64(seed: 5)
    let map = SpatialAugmentation().drawnMap(
      extents: [4, 4, 4], centre: SIMD3(3.5, 3.5, 3.5), spacing: [0.7, 1.1, 3.3], using: &generator)
    #expect(map.map == .identity)
    #expect(map.displacement == nil)
  }

  @Test func anElasticDeformationBendsAndRepeats() throws {
    let elastic = RandomElasticDeformation(probability: 1)
    func patch(_ seed: UInt64) -> Sample {
      var generator = SplitMix64(seed: seed)
      let sample = randomSample([16, 16, 16])
      return sample.patch(
        PatchMap(
          extents: [16, 16, 16], centre: sample.middle,
          displacement: elastic.drawnField(extents: [16, 16, 16], using: &generator)))
    }
    #expect(patch(1) == patch(1))
    #expect(patch(1) != patch(2))
    var generator = SplitMix64(seed: 1)
    #expect(
      RandomElasticDeformation(probability: 0).drawnField(extents: [4, 4, 4], using: &generator) == nil)
  }
}
