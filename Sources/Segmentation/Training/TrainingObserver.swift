/// One training step, as observers see it.
public struct TrainingStep: Sendable {
  /// From 0, as the iteration of the epoch.
  public let epoch: Int
  public let iteration: Int
  /// Of all replicas.
  public let images: Int
  public let loss: Double
  public let gradientNorm: Double
  public let learningRate: Double
  /// The loss scale of this step; nil without one.
  public let lossScale: Double?
  /// Whether a dynamic loss scale let the step change nothing because a gradient was not finite.
  public let wasSkipped: Bool

  package init(
    epoch: Int, iteration: Int, images: Int, loss: Double, gradientNorm: Double, learningRate: Double,
    lossScale: Double? = nil, wasSkipped: Bool = false
  ) {
    self.epoch = epoch
    self.iteration = iteration
    self.images = images
    self.loss = loss
    self.gradientNorm = gradientNorm
    self.learningRate = learningRate
    self.lossScale = lossScale
    self.wasSkipped = wasSkipped
  }

  /// The loss where it counts in means over steps: nil of a step that was skipped, or whose loss overflowed.
  public var countedLoss: Double? { wasSkipped || !loss.isFinite ? nil : loss }
}

/// Follows a training run.
public protocol TrainingObserver {
  mutating func epochBegins(_ epoch: Int)
  mutating func stepEnded(_ step: TrainingStep) throws
  mutating func epochEnded(_ record: EpochRecord) throws
}

/// An observer that may be missing: replicas other than the first have none.
extension Optional: TrainingObserver where Wrapped: TrainingObserver {
  public mutating func epochBegins(_ epoch: Int) { self?.epochBegins(epoch) }
  public mutating func stepEnded(_ step: TrainingStep) throws { try self?.stepEnded(step) }
  public mutating func epochEnded(_ record: EpochRecord) throws { try self?.epochEnded(record) }
}
