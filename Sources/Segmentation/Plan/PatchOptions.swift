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
  /// Steps that an epoch has at least, of all processes and devices together: the cases of a small data set come several
  /// times. nil, as in what earlier versions wrote, for one pass over the cases.
  ///
  /// 24 are the steps that the recipe was made with: 187 cases in batches of 8.
  public var leastSteps: Int?
  /// How a plan shortens a run; nil, as in what earlier versions wrote, for the length that the options say.
  public var length: LengthRule?

  public init(
    wishes: PlanWishes = PlanWishes(), foregroundFraction: Double = 1.0 / 3,
    augmentation: AugmentationSettings = .accurate, validationInterval: Int = 10, leastSteps: Int? = 24,
    length: LengthRule? = LengthRule()
  ) {
    self.wishes = wishes
    self.foregroundFraction = foregroundFraction
    self.augmentation = augmentation
    self.validationInterval = validationInterval
    self.leastSteps = leastSteps
    self.length = length
  }
}
