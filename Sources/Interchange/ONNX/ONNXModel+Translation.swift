import Segmentation
import TensorGraph

extension ONNXModel {
  /// A forward pass as a model.
  ///
  /// - Parameters:
  ///   - graph: for one image, whose inputs and outputs are batches `[1, D, H, W, C]`; the model takes any number.
  ///   - tensors: its weights and states by name.
  ///   - hasDynamicExtents: whether D, H and W are left open. Outputs then have the input's.
  /// - Throws: `ONNXError.unsupportedOperation`.
  package init(
    _ graph: Graph, _ tensors: [String: Tensor], opset: ONNXOpset, hasDynamicExtents: Bool,
    description: String, metadata: [Entry] = []
  ) throws {
    var translation = try ONNXTranslation(graph, tensors, opset: opset)
    try translation.translate()
    self.init(
      opset: opset, producerName: "vnet", producerVersion: ProgramVersion.current,
      description: description, graph: translation.result, metadata: metadata)
    self.graph.inputs = graph.parameters.filter { !$0.kind.isPersistent }.map {
      ONNXValueInfo($0.name, graph.type(of: $0.value).shape, isFree: hasDynamicExtents)
    }
    self.graph.outputs = graph.outputs.map {
      ONNXValueInfo($0.name, graph.type(of: $0.value).shape, isFree: hasDynamicExtents)
    }
  }
}

extension ONNXValueInfo {
  /// A batch `[N, C, D, H, W]` of any number of images.
  ///
  /// - Parameters:
  ///   - shape: `[N, D, H, W, C]`.
  ///   - isFree: whether D, H, W may be anything, else they are the shape's.
  fileprivate init(_ name: String, _ shape: Shape, isFree: Bool) {
    let axes = zip(["depth", "height", "width"], shape.extents[1...3]).map {
      isFree ? Dimension.named($0) : .fixed($1)
    }
    self.init(name: name, dimensions: [.named("batch"), .fixed(shape.channels)] + axes)
  }
}
