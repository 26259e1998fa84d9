import TensorGraph
import Training

/// One pass over the training cases.
struct Epoch {
  /// From 0.
  let index: Int
  let options: TrainingOptions
  let schedule: EpochSchedule
  /// Processes times devices.
  let replicaCount: Int
  /// What an earlier run did of it.
  var done = PartialEpoch()

  /// Runs a step on each batch that is left, and averages the moving statistics at the end. Nothing is validated.
  ///
  /// - Parameters:
  ///   - isCheckpointDue: asked in each step but the last.
  ///   - checkpoint: called at the end of a step in which one is due, when no other is under way.
  /// - Throws: `SegmentationError.diverged` when a loss is not finite, unless a dynamic loss scale answers to it.
  func run(
    _ step: TrainStep, _ batches: BatchQueue<TrainingBatch>, _ observer: inout some TrainingObserver,
    isCheckpointDue: () -> Bool = { false }, checkpoint: (PartialEpoch) throws -> Void = { _ in }
  ) throws -> EpochRecord {
    let waitedBefore = batches.waiting
    let clock = ContinuousClock()
    let start = clock.now
    var reached = done
    // The step that was started last: the device has the next one to go on with when this one's loss is asked for.
    var started: (() throws -> TrainingStep)?
    for iteration in schedule.batches.indices.dropFirst(done.stepCount) {
      let next = try begin(iteration, step, try batches.next())
      if let started { try finish(started, &reached, &observer) }
      started = next
      if iteration + 1 < schedule.batches.count, isCheckpointDue() {
        try finish(next, &reached, &observer)
        started = nil
        try checkpoint(reached)
      }
    }
    if let started { try finish(started, &reached, &observer) }
    let seconds = (clock.now - start) / .seconds(1)
    try step.averageStatistics()
    return EpochRecord(
      epoch: index, loss: reached.loss.value, learningRate: learningRate(schedule.batches.count - 1),
      imagesPerSecond: Double(schedule.globalBatchSizes.dropFirst(done.stepCount).reduce(0, +)) / seconds,
      waitingSeconds: (batches.waiting - waitedBefore) / .seconds(1), validationDice: [])
  }

  /// Starts one step. Returns what waits for its end.
  private func begin(
    _ iteration: Int, _ step: TrainStep, _ batch: TrainingBatch
  ) throws -> () throws -> TrainingStep {
    let (images, rate) = (schedule.globalBatchSizes[iteration], learningRate(iteration))
    let finish = try step.start(
      batch, sampleCount: schedule.batches[iteration].count, of: images, learningRate: rate)
    return {
      let output = try finish()
      return TrainingStep(
        epoch: index, iteration: iteration, images: images, loss: output.loss,
        gradientNorm: output.gradientNorm, learningRate: rate, lossScale: output.lossScale,
        wasSkipped: options.lossScale == .dynamic && !output.gradientNorm.isFinite)
    }
  }

  private func finish(
    _ started: () throws -> TrainingStep, _ reached: inout PartialEpoch,
    _ observer: inout some TrainingObserver
  ) throws {
    let step = try started()
    // A dynamic loss scale answers to an overflow by itself.
    guard step.loss.isFinite || options.lossScale == .dynamic else {
      throw SegmentationError.diverged(epoch: index + 1, iteration: step.iteration + 1)
    }
    reached.loss.add(step)
    reached.stepCount += 1
    try observer.stepEnded(step)
  }

  private func learningRate(_ iteration: Int) -> Double {
    let stepsPerEpoch = schedule.batches.count
    return options.learningRate(
      step: index * stepsPerEpoch + iteration, stepsPerEpoch: stepsPerEpoch, replicas: replicaCount)
  }
}

/// The mean loss over the images of steps, as far as these have one.
package struct MeanLoss: Codable, Equatable, Sendable {
  private var sum = 0.0
  private var images = 0

  package init() {}

  package mutating func add(_ step: TrainingStep) {
    guard let loss = step.countedLoss else { return }
    sum += loss * Double(step.images)
    images += step.images
  }

  /// nil where no step has a loss.
  package var value: Double? { images > 0 ? sum / Double(images) : nil }
}
