import MedicalImaging

/// Times the making of training batches on one thread: what a run's own thread does ahead of the steps.
public struct BatchBenchmark {
  /// The options with what the data set decided.
  public let options: TrainingOptions
  public let times: RunTimes

  /// Prepares the training cases of a data set, then makes some batches unmeasured and `steps` of them measured.
  ///
  /// - Throws: `SegmentationError` or `ImageError` for a data set that cannot be trained on.
  public init(_ dataset: Dataset, _ options: TrainingOptions, warmUp: Int, steps: Int) throws {
    let record = try TrainingSession.newRecord(DatasetSurvey(dataset), options)
    self.options = record.options
    let cases = try CaseCache(
      try record.cases(named: record.trainingCases, in: dataset), preparation: record.preparation,
      byteLimit: CaseCache.defaultByteLimit)
    let assembler = try BatchAssembler(cases: cases, record: record)
    let share = CaseShare(caseCount: cases.count, rank: 0, of: 1, seed: record.options.seed)
    let clock = ContinuousClock()
    var seconds: [Double] = []
    var epoch = 0
    while seconds.count < warmUp + steps {
      for samples in EpochSchedule(share: share, record.options, epoch: epoch).batches
      where seconds.count < warmUp + steps {
        let start = clock.now
        _ = try assembler.batch(samples)
        seconds.append((clock.now - start) / .seconds(1))
      }
      epoch += 1
    }
    times = RunTimes(Array(seconds[warmUp...]))
  }

  /// Images per second at the median batch.
  public var imagesPerSecond: Double { Double(options.batchSize) / times.percentile(50) }
}
