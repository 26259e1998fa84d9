import Networks
import TensorGraph
import Training

/// The graphs of one model: its train step and its prediction, for any batch size.
public struct ModelGraphs: Sendable {
  public let network: Network
  public let loss: Loss
  public let optimizer: Optimizer
  /// Gradients are scaled down to this global norm where theirs is larger; nil leaves them.
  public let clipNorm: Double?
  public let lossScale: LossScale
  /// The weights' average with which the model predicts; nil for the weights themselves.
  public let average: WeightAverage?
  /// The half-precision dtype of the mixed-precision rewrite; nil for float32 throughout.
  public let halfDType: DType?
  /// How gradients travel between replicas; nil where there is one.
  public let dataParallel: DataParallel?
  /// What of the network keeps its weights; nil trains all.
  public let frozenPart: FrozenPart?

  public init(
    network: Network, loss: Loss, optimizer: Optimizer, clipNorm: Double? = nil, lossScale: LossScale = .none,
    average: WeightAverage? = nil, halfDType: DType? = nil, dataParallel: DataParallel? = nil,
    frozenPart: FrozenPart? = nil
  ) {
    self.frozenPart = frozenPart
    self.network = network
    self.loss = loss
    self.optimizer = optimizer
    self.clipNorm = clipNorm
    self.lossScale = lossScale
    self.average = average
    self.halfDType = halfDType
    self.dataParallel = dataParallel
  }

  private func rewritten(_ graph: Graph) throws -> Graph {
    try halfDType.map { try graph.mixedPrecision($0).graph } ?? graph
  }

  /// Loss, backward pass, mean over replicas, clipping and update in one graph.
  ///
  /// Inputs `image`, `label`, `learningRate` and, with replicas, `replicaWeight`; outputs `loss`, `gradientNorm` and,
  /// with a loss scale, `lossScale`: all of them of `StepNames`.
  public func trainStep(batchSize: Int) throws -> Graph {
    var builder = GraphBuilder(name: "train_step")
    let image = builder.parameter(
      StepNames.image, .input, TensorType(.f32, network.imageShape(batchSize: batchSize)))
    let label = builder.parameter(
      StepNames.label, .label, TensorType(.i32, network.labelShape(batchSize: batchSize)))
    let rate = builder.parameter(StepNames.learningRate, .input, TensorType(.f32, .scalar))
    let forward = try network.forward(&builder, image: image, mode: .training)
    let loss = try builder.loss(self.loss, of: forward, labels: label, targets: network.targets)
    let replica = dataParallel.map {
      ReplicaShare(
        weight: builder.parameter(StepNames.replicaWeight, .input, TensorType(.f32, .scalar)), options: $0)
    }
    builder.output(
      StepNames.loss, try replica.map { try builder.averagedOverReplicas(loss: loss, $0) } ?? loss)
    let weights = trained(forward.parameters)
    try builder.trainingUpdates(
      loss: loss, weights: weights.map { NamedWeight(name: $0.name, value: $0.value) },
      optimizer: optimizer, clipNorm: clipNorm, lossScale: lossScale, learningRate: rate, replica: replica)
    if let average {
      try builder.averagingUpdates(
        average, of: forward.parameters.map { NamedWeight(name: $0.name, value: $0.value) })
    }
    return try rewritten(builder.graph.startingAllReducesEarly())
  }

  /// The forward pass with moving statistics and, where there is one, with the weights' average. Input `image`, output
  /// `probabilities`, both of `StepNames`.
  ///
  /// - Parameters:
  ///   - batchSize: samples in a step, of all devices.
  ///   - inputShape: voxels along D, H, W; nil for the network's own.
  public func prediction(batchSize: Int, inputShape: [Int]? = nil) throws -> Graph {
    let network = try self.network.with(inputShape: inputShape ?? self.network.inputShape)
    var builder = GraphBuilder(name: "prediction")
    let image = builder.parameter(
      StepNames.image, .input, TensorType(.f32, network.imageShape(batchSize: batchSize)))
    let forward = try network.forward(&builder, image: image, mode: .inference)
    builder.output(StepNames.probabilities, try builder.probabilities(of: forward.logits, network.targets))
    let graph = try rewritten(try builder.graph.foldingBatchNorms())
    return average == nil ? graph : graph.readingAverages()
  }

  /// Every weight and state at the start, the optimiser's and the averages' included.
  public func initialTensors(seed: UInt64) throws -> [String: Tensor] {
    try initialTensors(try network.initialTensors(seed: seed))
  }

  /// The weights that the optimiser updates.
  private func trained(_ parameters: [ModelParameter]) -> [ModelParameter] {
    parameters.filter { parameter in
      parameter.kind == .weight && !(frozenPart?.holds(parameter.name, of: network) ?? false)
    }
  }

  /// The same with the weights and states of the network at a start of another kind.
  ///
  /// - Parameter parameters: every weight and state of the network.
  func initialTensors(_ parameters: [String: Tensor]) throws -> [String: Tensor] {
    let weights = trained(try network.parameters())
    return parameters.merging(optimizer.initialTensors(weights: weights.map { ($0.name, $0.type) })) { $1 }
      .merging(lossScale.initialTensors) { $1 }
      .merging(average?.initialTensors(parameters) ?? [:]) { $1 }
  }
}

extension ModelGraphs {
  /// The graphs that a run's options ask for.
  ///
  /// - Throws: `ConfigurationError` for a network that cannot be had.
  public init(
    _ options: TrainingOptions, halfDType: DType? = nil, dataParallel: DataParallel? = nil
  ) throws {
    self.init(
      network: try options.network.validated(), loss: options.loss, optimizer: options.optimizer,
      clipNorm: options.clipNorm, lossScale: options.lossScale, average: options.weightAverage,
      halfDType: halfDType, dataParallel: dataParallel, frozenPart: options.frozenPart)
  }
}
