/// The order in which one replica visits its cases in each epoch of a run.
struct RunSchedule: Sendable {
  let share: CaseShare
  let options: TrainingOptions
  /// The devices of this replica.
  let deviceCount: Int
  /// Whether all replicas must run one program in each step.
  let isInLockstep: Bool

  /// The order of one epoch, from 0.
  func epoch(_ index: Int) -> EpochSchedule {
    EpochSchedule(
      share: share, options, epoch: index, deviceCount: deviceCount, isInLockstep: isInLockstep)
  }

  var stepsPerEpoch: Int { epoch(0).batches.count }

  /// The images of an epoch, of all replicas; where batches are filled up, some cases come twice.
  var imagesPerEpoch: Int { epoch(0).globalBatchSizes.reduce(0, +) }

  /// The batch sizes that steps have on each device, the largest first.
  var batchSizes: [Int] {
    if options.sampling.patches != nil { return [options.batchSize] }
    guard deviceCount > 1 || isInLockstep else { return share.batchSizes(upTo: options.batchSize) }
    return Set(epoch(0).batches.map { max(1, $0.count / deviceCount) }).sorted(by: >)
  }
}

extension BatchQueue<TrainingBatch> {
  /// The batches of the epochs from `first` to the run's last, in their order.
  ///
  /// - Parameter done: the steps of the first of these epochs that are done.
  convenience init(
    _ assembler: BatchAssembler, _ schedule: RunSchedule, fromEpoch first: Int, after done: Int = 0
  ) {
    let stepsPerEpoch = schedule.stepsPerEpoch
    self.init(count: stepsPerEpoch * (schedule.options.epochs - first) - done) { batch in
      let index = batch + done
      let samples = schedule.epoch(first + index / stepsPerEpoch).batches[index % stepsPerEpoch]
      // A replica or a device without samples takes part with one of its cases.
      let standIn = samples.first ?? EpochSchedule.Sample(caseIndex: 0, seed: 0)
      let missing = Swift.max(0, schedule.deviceCount - samples.count)
      return try assembler.batch(samples + Array(repeating: standIn, count: missing))
    }
  }
}
