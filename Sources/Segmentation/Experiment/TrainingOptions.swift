import MedicalImaging
import Networks
import TensorGraph
import Training

/// Everything that decides how a model is trained; kept with it.
public struct TrainingOptions: Codable, Equatable, Sendable {
  /// Raised when a field or its meaning changes; what earlier versions wrote is read, too.
  public static let currentVersion = 2

  /// Written with the others; what was read is of this version then.
  private var version = TrainingOptions.currentVersion

  public var preset: Preset
  public var network: Network
  public var sampling: Sampling
  /// Of each process or device.
  public var batchSize: Int
  /// Passes over the training cases, in all. Of patches a plan may choose fewer when a run begins; see `LengthRule`.
  public var epochs: Int
  /// Epochs without a better one on the validation cases after which training ends; nil trains all.
  public var patience: Int?
  public var loss: Loss
  public var optimizer: Optimizer
  /// Gradients are scaled down to this global norm where theirs is larger; nil leaves them.
  public var clipNorm: Double?
  public var lossScale: LossScale
  public var baseLearningRate: Double
  /// Whether several processes multiply the learning rate by their number.
  public var scalesLearningRate: Bool
  public var schedule: LearningRateSchedule
  /// Steps over which the learning rate grows. Of patches a plan may choose fewer when a run begins; see `LengthRule`.
  public var warmUpSteps: Int
  /// The weights' average with which the model predicts; nil for the weights themselves.
  public var weightAverage: WeightAverage?
  /// The half precision in which gradients travel between processes; nil for float32.
  public var gradientCompression: DType?
  /// nil for what the modalities' names suggest.
  public var normalization: NormalizationChoice?
  /// The order of their axes in which scans are seen.
  public var orientation: OrientationChoice
  /// What is taken in place of voxels that are not a number; nil refuses scans with such voxels.
  public var notANumber: Double?
  /// The share of the labelled cases that trains; the rest validates. Without a fold.
  public var trainingFraction: Double
  /// Which part of a cross-validation; nil for a division by `trainingFraction`.
  public var fold: Fold?
  /// A division that somebody made, one part for each fold; nil for one at random.
  public var splits: Splits?
  /// Finds the subject in a case's name, whose cases stay together in a division at random; nil for what the data set says.
  public var subjectPattern: String?
  /// Seeds the division into training and validation cases.
  public var splitSeed: UInt64
  /// Seeds initialisation, order and augmentation.
  public var seed: UInt64
  /// What of the network keeps the weights that it started with; nil trains all.
  public var frozenPart: FrozenPart?

  enum CodingKeys: CodingKey {
    case version, preset, network, sampling, batchSize, epochs, loss, optimizer, clipNorm, lossScale
    case baseLearningRate, scalesLearningRate, schedule, warmUpSteps, weightAverage, gradientCompression
    case normalization, orientation, notANumber, trainingFraction, fold, splits, subjectPattern, splitSeed,
      seed, frozenPart, patience
  }

  /// The reference system's recipe on a preset's network; the accurate recipe on its own.
  public init(preset: Preset = .hippocampus) {
    self.preset = preset
    network = preset.network
    sampling = .wholeGrid()
    batchSize = 2
    epochs = 80
    loss = .dice()
    optimizer = .rmsprop()
    lossScale = .none
    baseLearningRate = 1e-4
    scalesLearningRate = false
    schedule = .constant
    warmUpSteps = 0
    orientation = .canonical
    trainingFraction = 0.9
    splitSeed = 0
    seed = 0
    switch preset {
    case .hippocampus, .milletari, .unpadded: break
    case .accurate: takeAccurateRecipe()
    case .fast: takeFastRecipe()
    }
  }

  /// Patches at the data's own spacing, strong augmentation, cross-entropy with Dice, AdamW on a cosine, averaged
  /// weights.
  private mutating func takeAccurateRecipe() {
    sampling = .patches(options: PatchOptions())
    batchSize = 8
    epochs = 150
    loss = .diceCrossEntropy(
      overlap: Overlap(includesBackground: false, isPerBatch: true, averagesClasses: true))
    optimizer = .adamw(weightDecay: 0.01)
    clipNorm = 12
    baseLearningRate = 2e-3
    schedule = .cosine
    warmUpSteps = 200
    weightAverage = WeightAverage(decay: 0.999)
  }

  /// The accurate recipe in a quarter of its time: fewer epochs, and twice as many steps in each, of half the patches.
  private mutating func takeFastRecipe() {
    takeAccurateRecipe()
    batchSize = 4
    epochs = 40
    // 47 steps are 187 cases in batches of 4. Of large patches the same share of the voxels as in the accurate recipe.
    let voxelCount = Double(40 * 47 * 4 * 32 * 48 * 32)
    sampling = .patches(
      options: PatchOptions(
        wishes: PlanWishes(largestBatchSize: 4), leastSteps: 47,
        length: LengthRule(voxelCount: voxelCount * 0.7, freeVoxelCount: voxelCount)))
  }
}

extension TrainingOptions {
  /// Divides the labelled cases of a data set into those that train and those that validate.
  ///
  /// - Parameter subjects: the same cases by subject.
  /// - Throws: `SegmentationError.tooManyFolds`, `.noCases`, or `DatasetError.splits` for splits of other cases, and for such as
  ///   divide a subject's.
  func split(_ dataset: Dataset, _ subjects: SubjectGroups) throws -> DataSplit {
    if let splits { return try listedSplit(splits, dataset, subjects) }
    guard let fold else {
      return DataSplit(subjects, trainingFraction: trainingFraction, seed: splitSeed)
    }
    guard fold.count <= subjects.groups.count else {
      throw subjects.joinsCases
        ? SegmentationError.tooManyFoldsOfSubjects(fold.count, subjects: subjects.groups.count)
        : SegmentationError.tooManyFolds(fold.count, cases: subjects.caseCount)
    }
    return DataSplit(subjects, fold: fold, seed: splitSeed)
  }

  private func listedSplit(
    _ splits: Splits, _ dataset: Dataset, _ subjects: SubjectGroups
  ) throws -> DataSplit {
    guard splits.parts.count == fold?.count ?? 1 else {
      throw DatasetError.splits(
        path: splits.origin, .foldCount(found: splits.parts.count, expected: fold?.count ?? 1))
    }
    try splits.requireNames(of: dataset.training)
    try subjects.requireUndivided(by: splits)
    let split = DataSplit(dataset.training, splits.parts[fold?.index ?? 0])
    guard !split.training.isEmpty else {
      throw SegmentationError.noCases(reason: "\(splits.origin): names no case to train with; add some.")
    }
    return split
  }

  /// Whether an epoch, from 0, ends with a validation.
  func validates(afterEpoch epoch: Int) -> Bool {
    epoch + 1 == epochs || (epoch + 1) % (sampling.patches?.validationInterval ?? 1) == 0
  }

  /// The learning rate of a step, counted from the run's beginning.
  func learningRate(step: Int, stepsPerEpoch: Int, replicas: Int) -> Double {
    schedule.rate(
      base: baseLearningRate * (scalesLearningRate ? Double(replicas) : 1), step: step,
      stepsPerEpoch: stepsPerEpoch, epochs: epochs, warmUpSteps: warmUpSteps)
  }
}
