import MedicalImaging
import TensorGraph

/// What a training would be, without one: its plan, its steps, and what some of them take. Nothing is written, and no scan's
/// voxels are read but those that a plan looks at.
public struct TrainingForecast {
  /// As a training would begin, or go on, with it.
  public let record: ModelRecord
  public let trainableParameterCount: Int
  /// Of one epoch, of one process.
  public let stepsPerEpoch: Int
  /// Of one step, measured on made-up data after one unmeasured step.
  public let secondsPerStep: Double
  /// Of all cases prepared, as far as they are kept in memory.
  public let caseByteCount: Int

  private static let measuredSteps = 2

  /// - Parameters:
  ///   - folder: whose checkpoint goes on; nil for a training that begins.
  /// - Throws: as `TrainingSession.init`.
  public init(
    survey: DatasetSurvey, continuing folder: ModelFolder?, options: TrainingOptions,
    startingFrom initialModel: InitialModel? = nil, executor: any Executor, halfDType: DType? = nil,
    cacheByteLimit: Int = CaseCache.defaultByteLimit
  ) throws {
    var record = try folder.map { try Checkpoint($0).record } ?? TrainingSession.newRecord(survey, options)
    if folder != nil { record.options.epochs = options.epochs }
    if folder == nil, let initialModel { record.origin = try initialModel.start(of: record).origin }
    let (training, validation) = try TrainingSession.cases(survey.dataset, record)
    let schedule = try TrainingSession.schedule(training.count, record.options, executor, Replicas())
    let graphs = try TrainingSession.graphs(record.options, halfDType, executor.deviceCount)
    self.record = record
    trainableParameterCount = try graphs.network.trainableParameterCount()
    stepsPerEpoch = schedule.stepsPerEpoch
    let wholeGrid = Double(record.preparation.gridShape.reduce(1, *))
    let voxels = record.plan.map { $0.medianExtents.reduce(1) { $0 * Double($1) } } ?? wholeGrid
    let bytesPerVoxel = Double(4 * record.preparation.channelNames.count + 1)
    let bytes = voxels * bytesPerVoxel * Double(training.count + validation.count)
    caseByteCount = min(cacheByteLimit, Int(min(bytes, 1e15)))
    secondsPerStep = try Self.secondsPerStep(graphs, record, executor, batchSize: schedule.batchSizes[0])
  }

  private static func secondsPerStep(
    _ graphs: ModelGraphs, _ record: ModelRecord, _ executor: any Executor, batchSize: Int
  ) throws -> Double {
    try executor.load(try graphs.initialTensors(seed: record.options.seed))
    let graph = try graphs.trainStep(batchSize: batchSize)
    let executable = try executor.compile(graph)
    let inputs = ThroughputBenchmark.inputs(graph, record.options, deviceCount: executor.deviceCount)
    _ = try executable.run(inputs)
    let start = ContinuousClock.now
    for _ in 0..<measuredSteps { _ = try executable.run(inputs) }
    return (ContinuousClock.now - start) / .seconds(Double(measuredSteps))
  }

  public var secondsPerEpoch: Double { secondsPerStep * Double(stepsPerEpoch) }

  /// The epochs that are to be trained.
  public var epochsLeft: Int { max(0, record.options.epochs - record.epoch) }
}
