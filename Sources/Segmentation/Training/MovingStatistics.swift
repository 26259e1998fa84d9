import TensorGraph
import Training

/// Batch norm's moving statistics, which depend on a replica's own batches, and their averages.
struct MovingStatistics {
  private let names: [String]
  private let executor: any Executor
  private let replicas: Replicas

  init(of graphs: ModelGraphs, on executor: any Executor, sharedBy replicas: Replicas) throws {
    let states = try graphs.network.parameters().filter { $0.kind == .state }.map(\.name)
    names = graphs.average == nil ? states : states + states.map(WeightAverage.name)
    self.executor = executor
    self.replicas = replicas
  }

  /// Those of this replica.
  func tensors() throws -> [String: Tensor] { try executor.fetch(names) }

  /// Gives all replicas the mean of theirs.
  func average() throws {
    guard replicas.count * executor.deviceCount > 1 else { return }
    try executor.load(try replicas.mean(of: try tensors()))
  }
}
