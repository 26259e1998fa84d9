import Foundation
import MedicalImaging
import SeededRandom
import Testing

@Suite struct AugmentationSettingsTests {
  private static let accurateIntensities: [IntensityTransform] = [
    .noise(RandomGaussianNoise(probability: 0.15, maximumDeviation: 0.3)),
    .blur(RandomMeanBlur(probability: 0.15)),
    .brightness(RandomBrightness(probability: 0.25, factors: 0.75...1.25)),
    .contrast(RandomContrast(probability: 0.15, factors: 0.65...1.5)),
    .gamma(RandomGamma(probability: 0.3, exponents: 0.7...1.5)),
  ]
  private static let accurateSpatials: [SpatialTransform] = [
    .flip(RandomFlip(axes: [0, 1, 2], probability: 0.5)),
    .rotation(RandomRotation(probability: 0.35, maximumAngle: 25)),
    .scaling(RandomScaling(probability: 0.35, factors: 0.8...1.25)),
  ]

  private static var all: AugmentationSettings {
    var settings = AugmentationSettings()
    for name in AugmentationName.allCases { settings.turnOn(name) }
    return settings
  }

  /// The accurate recipe's figures, which are those of the docs: a change of a default must be meant.
  @Test func theAccurateRecipesFiguresAreFixed() {
    let settings = AugmentationSettings.accurate
    #expect(settings.spatial == SpatialAugmentation(Self.accurateSpatials))
    #expect(settings.intensities == Self.accurateIntensities)
    #expect(
      settings.names == [.flip, .rotation, .scaling, .noise, .blur, .brightness, .contrast, .gamma])
    #expect(!settings.needsQuantiles && Self.all.needsQuantiles)
  }

  @Test(arguments: AugmentationName.allCases)
  func transformsGoOnAndOffByName(_ name: AugmentationName) {
    var settings = AugmentationSettings()
    settings.turnOn(name)
    #expect(settings.names == [name])
    settings.turnOn(name)
    #expect(settings.names == [name])
    settings.turnOff(name)
    #expect(settings == AugmentationSettings())
    // Whatever the order in which they go on, they are applied in that of their names.
    var others = Self.all
    others.turnOff(name)
    #expect(others.names == AugmentationName.allCases.filter { $0 != name })
    others.turnOn(name)
    #expect(others == Self.all)
  }

  @Test func settingsSurviveJSON() throws {
    let data = try JSONEncoder().encode(Self.all)
    #expect(try JSONDecoder().decode(AugmentationSettings.self, from: data) == Self.all)
  }

  // MARK: What earlier versions saved

  private func earlier(_ name: String) throws -> AugmentationSettings {
    let url = try #require(
      Bundle.module.url(forResource: "Goldens/augmentation/" + name, withExtension: "json"))
    return try JSONDecoder().decode(AugmentationSettings.self, from: Data(contentsOf: url))
  }

  /// The files were written by the program before the transforms became a list.
  @Test func earlierSettingsAreRead() throws {
    #expect(try earlier("accurate") == .accurate)
    #expect(try earlier("all") == Self.all)
  }

  @Test func figuresThatNoVersionWroteAreRefused() {
    let json = #"{"spatial": {}, "noise": {"probability": 0.5, "maximumDeviation": -1}}"#
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(AugmentationSettings.self, from: Data(json.utf8))
    }
  }
}
