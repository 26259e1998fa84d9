import Training
import VNetModel

/// Everything that decides how a model is trained; kept with it.
public struct TrainingOptions: Codable, Equatable, Sendable {
  public var preset: Preset
  public var configuration: VNetConfiguration
  public var batchSize: Int
  /// Passes over the training cases, in all.
  public var epochs: Int
  public var optimizer: Optimizer
  public var baseLearningRate: Double
  /// Whether several processes multiply the learning rate by their number; nil, which earlier versions saved, for no.
  public var scalesLearningRate: Bool?
  public var schedule: LearningRateSchedule
  public var loss: Loss
  /// The share of the labelled cases that trains; the rest validates.
  public var trainingFraction: Double
  /// Seeds the division into training and validation cases.
  public var splitSeed: UInt64
  /// Seeds initialisation, order and augmentation.
  public var seed: UInt64
  /// Random flips along the first two axes.
  public var augment: Bool

  /// The reference system's recipe on a preset's network.
  public init(preset: Preset = .hippocampus) {
    self.preset = preset
    configuration = preset.configuration
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
  }

  /// The learning rate from which the schedule starts.
  func learningRate(replicas: Int) -> Double {
    baseLearningRate * (scalesLearningRate == true ? Double(replicas) : 1)
  }
}
