/// A random change of a sample, of its image and its labels together.
///
/// It draws its parameters from the generator and from nothing else, then applies them: equal seeds give equal
/// samples. The folders name the kinds: Spatial moves voxels (image and labels), Intensity changes values
/// (image only).
public protocol Augmentation: Sendable {
  /// Returns the sample changed by parameters drawn from the generator. Extents and channels stay.
  func augmented(_ sample: Sample, using generator: inout some RandomNumberGenerator) -> Sample
}

extension Sample {
  /// Returns the sample after some augmentations in their order, each drawing from the generator in turn.
  public func augmented(
    by augmentations: [any Augmentation], using generator: inout some RandomNumberGenerator
  ) -> Sample {
    var result = self
    for augmentation in augmentations { result = augmentation.augmented(result, using: &generator) }
    return result
  }
}
