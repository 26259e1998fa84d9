import TensorGraph

/// What a train step takes.
struct StepInput {
  var batch: TrainingBatch
  var learningRate: Double
  /// One for each device, as `ReplicaShare.weight` has it; nil where there are no replicas.
  var replicaWeights: [Float]?

  /// As the step's graph knows them.
  var tensors: [String: Tensor] {
    var tensors = [
      StepNames.image: batch.image, StepNames.label: batch.label,
      StepNames.learningRate: Tensor(scalar: Float(learningRate)),
    ]
    if let weights = replicaWeights {
      tensors[StepNames.replicaWeight] =
        weights.count == 1 ? Tensor(scalar: weights[0]) : Tensor([weights.count], weights)
    }
    return tensors
  }
}

/// What a train step gives.
struct StepOutput {
  let loss: Double
  /// Before clipping.
  let gradientNorm: Double
  /// nil without one.
  let lossScale: Double?

  /// - Parameter tensors: the outputs of the step's graph.
  init(_ tensors: [String: Tensor]) {
    func scalar(_ name: String) -> Double? { tensors[name].map { Double($0.elements[0]) } }
    loss = scalar(StepNames.loss)!
    gradientNorm = scalar(StepNames.gradientNorm)!
    lossScale = scalar(StepNames.lossScale)
  }
}

/// The train step of one replica on its device, compiled for each batch size.
final class TrainStep {
  private let graphs: ModelGraphs
  private let executor: any Executor
  private let replicas: Replicas
  private let statistics: MovingStatistics
  private var executables: [Int: any Executable]

  /// Compiles at once for the batch sizes that will come; for others when they do.
  ///
  /// - Parameter batchSizes: of each device.
  init(
    _ graphs: ModelGraphs, batchSizes: [Int], on executor: any Executor, sharedBy replicas: Replicas
  ) throws {
    self.graphs = graphs
    self.executor = executor
    self.replicas = replicas
    statistics = try MovingStatistics(of: graphs, on: executor, sharedBy: replicas)
    let compiled = try replicas.compile(try batchSizes.map(graphs.trainStep), on: executor)
    executables = Dictionary(uniqueKeysWithValues: zip(batchSizes, compiled))
  }

  /// Starts a step on a batch of this replica, which counts as `sampleCount` out of `images` of all replicas. Returns
  /// what waits for its end.
  ///
  /// A replica or a device without samples takes part at weight 0; a replica then keeps its moving statistics.
  func start(
    _ batch: TrainingBatch, sampleCount: Int, of images: Int, learningRate: Double
  ) throws -> () throws -> StepOutput {
    let input = StepInput(
      batch: batch, learningRate: learningRate,
      replicaWeights: graphs.dataParallel == nil
        ? nil : replicaWeights(sampleCount: sampleCount, of: images))
    let kept = sampleCount == 0 ? try statistics.tensors() : [:]
    let executable = try executable(batchSize: max(1, sampleCount / executor.deviceCount))
    let finish = try executable.start(input.tensors)
    try executor.load(kept)
    return { StepOutput(try finish()) }
  }

  /// Averages the moving statistics over replicas, before the weights are used outside of a step.
  func averageStatistics() throws { try statistics.average() }

  /// What the samples of each device count in the mean over all replicas.
  private func replicaWeights(sampleCount: Int, of images: Int) -> [Float] {
    let devices = executor.deviceCount
    return (0..<devices).map { device in
      // Where there are fewer samples than devices, the first devices have one each.
      let own = sampleCount >= devices ? sampleCount / devices : device < sampleCount ? 1 : 0
      return Float(own * devices * replicas.count) / Float(images)
    }
  }

  private func executable(batchSize: Int) throws -> any Executable {
    if let executable = executables[batchSize] { return executable }
    let executable = try executor.compile(try graphs.trainStep(batchSize: batchSize))
    executables[batchSize] = executable
    return executable
  }
}
