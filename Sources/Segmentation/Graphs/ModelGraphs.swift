import Networks
import TensorGraph
import Training

/// The graphs of one model: its train step and its prediction, for any batch size.
public struct ModelGraphs: Sendable {
  public let network: Network
  public let loss: Loss
  public let lossSettings: LossSettings
  public let optimizer: Optimizer
  /// The weights' average with which the model predicts; nil for the weights themselves.
  public let average: WeightAverage?
  /// The half-precision dtype of the mixed-precision rewrite; nil for float32 throughout.
  public let halfDType: DType?
  /// How gradients travel between replicas; nil where there is one.
  public let dataParallel: DataParallel?

  public init(
    network: Network, loss: Loss, lossSettings: LossSettings = LossSettings(), optimizer: Optimizer,
    average: WeightAverage? = nil, halfDType: DType? = nil, dataParallel: DataParallel? = nil
  ) {
    self.lossSettings = lossSettings
    self.average = average
    self.network = network
    self.loss = loss
    self.optimizer = optimizer
    self.halfDType = halfDType
    self.dataParallel = dataParallel
  }

  private func rewritten(_ graph: Graph) throws -> Graph {
    try halfDType.map { try graph.mixedPrecision($0).graph } ?? graph
  }

  /// The input of a train step with replicas: see `ReplicaShare.weight`.
  static let replicaWeightName = "replica_weight"

  /// Loss, backward pass, mean over replicas, clipping and update in one graph.
  ///
  /// Inputs `image` `[N, D, H, W, C]`, `label` `[N, D', H', W']` (i32), `learning_rate` and, with replicas,
  /// `replica_weight`; outputs `loss`,
  /// `gradient_norm`, `dice` `[N, classes]` and, with a loss scale, `loss_scale`.
  public func trainStep(batchSize: Int) throws -> Graph {
    var builder = GraphBuilder(name: "train_step")
    let image = builder.parameter(
      "image", .input, TensorType(.f32, network.imageShape(batchSize: batchSize)))
    let label = builder.parameter(
      "label", .label, TensorType(.i32, network.labelShape(batchSize: batchSize)))
    let rate = builder.parameter("learning_rate", .input, TensorType(.f32, .scalar))
    let forward = try network.forward(&builder, image: image, mode: .training)
    let values = try builder.loss(loss, lossSettings, of: forward, labels: label)
    let replica = dataParallel.map {
      ReplicaShare(
        weight: builder.parameter(Self.replicaWeightName, .input, TensorType(.f32, .scalar)), options: $0)
    }
    builder.output(
      "loss", try replica.map { try builder.averagedOverReplicas(loss: values.loss, $0) } ?? values.loss)
    builder.output("dice", values.softDice)
    let weights = forward.parameters.filter { $0.kind == .weight }
    try builder.trainingUpdates(
      loss: values.loss, weights: weights.map { NamedWeight(name: $0.name, value: $0.value) },
      optimizer: optimizer, learningRate: rate, replica: replica)
    if let average {
      try builder.averagingUpdates(
        average, of: forward.parameters.map { NamedWeight(name: $0.name, value: $0.value) })
    }
    return try rewritten(builder.graph.startingAllReducesEarly())
  }

  /// The forward pass with moving statistics and, where there is one, with the weights' average. Input `image`; output
  /// `probabilities` `[N, D', H', W', classes]`.
  ///
  /// - Parameter inputShape: voxels along D, H, W; nil for the network's own.
  public func prediction(batchSize: Int, inputShape: [Int]? = nil) throws -> Graph {
    let network = try self.network.with(inputShape: inputShape ?? self.network.inputShape)
    var builder = GraphBuilder(name: "prediction")
    let image = builder.parameter(
      "image", .input, TensorType(.f32, network.imageShape(batchSize: batchSize)))
    let forward = try network.forward(&builder, image: image, mode: .inference)
    builder.output("probabilities", try builder.softmax(forward.logits))
    let graph = try rewritten(try builder.graph.foldingBatchNorms())
    return average == nil ? graph : graph.readingAverages()
  }

  /// Every weight and state at the start, the optimiser's and the averages' included.
  public func initialTensors(seed: UInt64) throws -> [String: Tensor] {
    let weights = try network.parameters().filter { $0.kind == .weight }
    let parameters = try network.initialTensors(seed: seed)
    return parameters.merging(optimizer.initialTensors(weights: weights.map { ($0.name, $0.type) })) { $1 }
      .merging(average?.initialTensors(parameters) ?? [:]) { $1 }
  }
}
