import MedicalImaging
import Networks
import TensorGraph
import Training

/// Everything that decides how a model is trained; kept with it.
public struct TrainingOptions: Codable, Equatable, Sendable {
  public var preset: Preset
  public var network: Network
  public var batchSize: Int
  /// Passes over the training cases, in all.
  public var epochs: Int
  public var optimizer: Optimizer
  public var baseLearningRate: Double
  /// Whether several processes multiply the learning rate by their number; nil, which earlier versions saved, for no.
  public var scalesLearningRate: Bool?
  /// The half precision in which gradients travel between processes; nil, which earlier versions saved, for float32.
  public var gradientCompression: DType?
  public var schedule: LearningRateSchedule
  public var loss: Loss
  /// The share of the labelled cases that trains; the rest validates.
  public var trainingFraction: Double
  /// Seeds the division into training and validation cases.
  public var splitSeed: UInt64
  /// Seeds initialisation, order and augmentation.
  public var seed: UInt64
  /// Random flips along the first two axes, of whole grids.
  public var augment: Bool
  /// The variants of the loss; nil, as below, which earlier versions saved, for the reference system's.
  public var lossSettings: LossSettings?
  /// Steps over which the learning rate grows; nil for none.
  public var warmUpSteps: Int?
  /// The weights' average with which the model predicts; nil for the weights themselves.
  public var weightAverage: WeightAverage?
  /// nil for what the modalities' names suggest.
  public var normalization: NormalizationChoice?
  /// Trains on patches; nil for whole grids.
  public var patches: PatchOptions?
  /// Which part of a cross-validation; nil for a division by `trainingFraction`.
  public var fold: Fold?

  private enum CodingKeys: String, CodingKey {
    /// Under this name earlier versions saved a V-Net's configuration, which `Network` reads, too.
    case network = "configuration"
    case preset, batchSize, epochs, optimizer, baseLearningRate, scalesLearningRate, gradientCompression
    case schedule, loss, trainingFraction, splitSeed, seed, augment, lossSettings, warmUpSteps, weightAverage
    case normalization, patches, fold
  }

  /// The reference system's recipe on a preset's network; the accurate recipe on its own.
  public init(preset: Preset = .hippocampus) {
    self.preset = preset
    network = preset.network
    batchSize = 2
    epochs = 80
    optimizer = Optimizer(kind: .rmsprop)
    baseLearningRate = 1e-4
    schedule = .constant
    loss = .dice
    trainingFraction = 0.9
    splitSeed = 0
    seed = 0
    augment = false
    if preset == .accurate { takeAccurateRecipe() }
  }

  /// Patches at the data's own spacing, strong augmentation, cross-entropy with Dice, AdamW on a cosine, averaged
  /// weights.
  private mutating func takeAccurateRecipe() {
    batchSize = 8
    epochs = 150
    optimizer = Optimizer(kind: .adamw, clipNorm: 12, weightDecay: 0.01)
    baseLearningRate = 2e-3
    schedule = .cosine
    warmUpSteps = 200
    loss = .diceCrossEntropy
    lossSettings = LossSettings(includesBackground: false, isPerBatch: true, averagesClasses: true)
    weightAverage = WeightAverage(decay: 0.999)
    patches = PatchOptions()
  }

  /// Divides labelled cases into those that train and those that validate.
  ///
  /// - Throws: `SegmentationError.tooManyFolds`.
  func split(_ cases: [Case]) throws -> DataSplit {
    guard let fold else {
      return DataSplit(cases, trainingFraction: trainingFraction, seed: splitSeed)
    }
    guard fold.count <= cases.count else {
      throw SegmentationError.tooManyFolds(fold.count, cases: cases.count)
    }
    return DataSplit(cases, fold: fold, seed: splitSeed)
  }

  /// Whether an epoch, from 0, ends with a validation.
  func validates(afterEpoch epoch: Int) -> Bool {
    epoch + 1 == epochs || (epoch + 1) % (patches?.validationInterval ?? 1) == 0
  }

  /// The learning rate of a step, counted from the run's beginning.
  func learningRate(step: Int, stepsPerEpoch: Int, replicas: Int) -> Double {
    schedule.rate(
      base: learningRate(replicas: replicas), step: step, stepsPerEpoch: stepsPerEpoch, epochs: epochs,
      warmUpSteps: warmUpSteps ?? 0)
  }

  /// The learning rate from which the schedule starts.
  func learningRate(replicas: Int) -> Double {
    baseLearningRate * (scalesLearningRate == true ? Double(replicas) : 1)
  }
}
