import Foundation

/// What one epoch gave.
public struct EpochRecord: Codable, Equatable, Sendable {
  /// From 0.
  public var epoch: Int
  /// Mean over the training cases.
  public var loss: Double
  public var learningRate: Double
  public var imagesPerSecond: Double
  /// The time in which steps waited for their batch; nil in records of earlier versions.
  public var waitingSeconds: Double?
  /// Mean over the validation cases of the soft Dice of each class at network resolution; empty where nothing
  /// was validated.
  public var validationDice: [Double]

  /// The mean over the foreground classes; nil where nothing validates.
  public var foregroundDice: Double? {
    let foreground = validationDice.dropFirst()
    return foreground.isEmpty ? nil : foreground.reduce(0, +) / Double(foreground.count)
  }
}

/// What is known of a trained model besides its tensors; kept in the checkpoint's metadata.
public struct ModelRecord: Codable, Equatable, Sendable {
  /// Raised when the meaning of a field changes.
  public static let currentVersion = 1

  public var version = ModelRecord.currentVersion
  public var options: TrainingOptions
  public var preparation: Preparation
  public var datasetName: String
  /// What was planned; nil for training on whole grids.
  public var plan: TrainingPlan?
  /// Names of cases.
  public var trainingCases: [String]
  public var validationCases: [String]
  /// One for each epoch that is done.
  public var history: [EpochRecord] = []

  /// What the device chose by measuring: a run that goes on takes the same. Nil in the records of earlier versions.
  public var measuredChoices: [String: String]?

  /// The number of epochs that are done.
  public var epoch: Int { history.count }

  /// The epochs that are left of those asked for, by default of those that the options say.
  public func remainingEpochs(of epochs: Int?) -> Int { max(0, (epochs ?? options.epochs) - epoch) }

  /// The epoch (from 0) with the best mean foreground soft Dice on the validation cases; nil without any.
  public var bestEpoch: Int? {
    history.filter { $0.foregroundDice != nil }.max { $0.foregroundDice! < $1.foregroundDice! }?.epoch
  }

  public init(
    options: TrainingOptions, preparation: Preparation, datasetName: String, trainingCases: [String],
    validationCases: [String], plan: TrainingPlan? = nil
  ) {
    self.plan = plan
    self.options = options
    self.preparation = preparation
    self.datasetName = datasetName
    self.trainingCases = trainingCases
    self.validationCases = validationCases
  }
}
