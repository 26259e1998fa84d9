import MedicalImaging
import Testing

@Suite struct AugmentationSettingsTests {
  /// The accurate recipe's figures, which are those of the docs: a change of a default must be meant.
  @Test func theAccurateRecipesFiguresAreFixed() {
    let settings = AugmentationSettings.accurate
    #expect(
      settings.spatial
        == SpatialAugmentation(
          flip: RandomFlip(axes: [0, 1, 2], probability: 0.5),
          rotation: RandomRotation(probability: 0.35, maximumAngle: 25),
          scaling: RandomScaling(probability: 0.35, minimumFactor: 0.8, maximumFactor: 1.25)))
    #expect(settings.noise == RandomGaussianNoise(probability: 0.15, maximumDeviation: 0.3))
    #expect(settings.blur == RandomMeanBlur(probability: 0.15))
    #expect(
      settings.brightness == RandomBrightness(probability: 0.25, minimumFactor: 0.75, maximumFactor: 1.25))
    #expect(settings.contrast == RandomContrast(probability: 0.15, minimumFactor: 0.65, maximumFactor: 1.5))
    #expect(settings.gamma == RandomGamma(probability: 0.3, minimumExponent: 0.7, maximumExponent: 1.5))
    #expect(
      settings.names == [.flip, .rotation, .scaling, .noise, .blur, .brightness, .contrast, .gamma])
  }
}
