import MedicalImaging

/// How a run trains on patches at one spacing, rather than on whole scans resampled to one grid.
public struct PatchOptions: Codable, Equatable, Sendable {
  public var wishes: PlanWishes
  /// The share of patches around a voxel of a foreground class; the others lie anywhere.
  ///
  /// Source: nnU-Net, a third.
  public var foregroundFraction: Double
  public var augmentation: AugmentationSettings
  /// Epochs between two validations; the last epoch always has one.
  public var validationInterval: Int

  public init(
    wishes: PlanWishes = PlanWishes(), foregroundFraction: Double = 1.0 / 3,
    augmentation: AugmentationSettings = .accurate, validationInterval: Int = 10
  ) {
    self.wishes = wishes
    self.foregroundFraction = foregroundFraction
    self.augmentation = augmentation
    self.validationInterval = validationInterval
  }
}
