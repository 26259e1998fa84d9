import Foundation
import MedicalImaging
import SeededRandom
import Testing

/// Patches of forty seeds under every transform, against sums that the program gave before the transforms became a list:
/// the same numbers are drawn in the same order. Sums, since the last bits of powers and logarithms are the C library's.
@Suite struct AugmentationGoldenTests {
  private static let goldens: [(name: String, image: Double, labels: Double)] = [
    ("none", -36102.97876722738, 2750858.0),
    ("accurate", -302793.4414567232, 2760851.0),
    ("all", -182361.87629337888, 2485613.0),
    ("flip", -57093.754403605126, 2748357.0),
    ("rotation", -45503.524520795094, 2742688.0),
    ("scaling", -40625.03878524527, 2758863.0),
    ("elastic", -19963.89874967547, 2233217.0),
    ("histogram-matching", -14262.681313677807, 2750858.0),
    ("noise", -36727.94133423694, 2750858.0),
    ("blur", -38261.92495769286, 2750858.0),
    ("brightness", -34003.419358129, 2750858.0),
    ("contrast", -35890.50134508498, 2750858.0),
    ("low-resolution", -39230.03131518769, 2750858.0),
    ("inverted-gamma", -129776.96214793343, 2750858.0),
    ("gamma", 11753.651408080943, 2750858.0),
  ]

  private func settings(_ name: String) -> AugmentationSettings {
    if name == "accurate" { return .accurate }
    var settings = AugmentationSettings()
    for transform in AugmentationName.allCases where name == "all" || name == transform.rawValue {
      settings.turnOn(transform)
    }
    return settings
  }

  /// The sums over all patches of their values and labels, each times a weight of its place.
  private func sums(_ settings: AugmentationSettings) -> (image: Double, labels: Double) {
    let source = randomSample([20, 18, 16], channelCount: 2)
    let others = [
      randomSample([6, 6, 6], channelCount: 2, seed: 5), randomSample([8, 6, 6], channelCount: 2, seed: 9),
    ]
    let quantiles = ([source] + others).map { RandomHistogramMatching.quantiles(of: $0) }
    var (image, labels) = (0.0, 0.0)
    for seed in 0..<40 {
      var generator = SplitMix64(seed: UInt64(seed))
      let map = settings.spatial.drawnMap(
        extents: [12, 10, 8], centre: SIMD3(9.5, 8, 7.5), spacing: [1, 1.5, 2], using: &generator)
      let transforms = settings.intensityTransforms(quantiles: quantiles, caseIndex: 0)
      let patch = source.patch(map).augmented(by: transforms, using: &generator)
      for (index, value) in patch.image.enumerated() {
        image += Double(value) * Double(1 + (index + seed) % 97)
      }
      for (index, label) in patch.labels.enumerated() {
        labels += Double(label) * Double(1 + (index + seed) % 97)
      }
    }
    return (image, labels)
  }

  @Test(arguments: goldens.indices)
  func patchesAreThoseOfEarlierVersions(_ index: Int) {
    let golden = Self.goldens[index]
    let found = sums(settings(golden.name))
    #expect(abs(found.image - golden.image) < 1e-3, "\(golden.name)")
    #expect(found.labels == golden.labels, "\(golden.name)")
  }
}
