import TensorGraph

/// What batch norm normalises with, and whether there are logits for training alone.
public enum ForwardMode: Sendable {
  /// The batch's own statistics, from which the moving ones are updated; all logits.
  case training
  /// The moving statistics; the logits of the full resolution.
  case inference
}

/// The forward pass of a network in a graph.
public struct ForwardPass {
  /// `[N, D', H', W', classes]`, before the softmax.
  public var logits: Value
  /// Logits of coarser grids for deep supervision, each half as large along D, H, W as the one before; empty without.
  public var coarserLogits: [Value]
  /// Every weight and state, in the order of the layers.
  public var parameters: [ModelParameter]

  public init(logits: Value, coarserLogits: [Value] = [], parameters: [ModelParameter]) {
    self.logits = logits
    self.coarserLogits = coarserLogits
    self.parameters = parameters
  }

  /// The weights' values in the order of the layers.
  public var weights: [Value] { parameters.filter { $0.kind == .weight }.map(\.value) }
}
