import COneDNN
import TensorGraph

extension GraphCompiler {
  struct PoolingKey: Hashable {
    var operand: Value
    var window: PoolingWindow
  }

  /// A max pooling that has run, with what its gradient needs.
  struct ForwardPooling {
    var descriptor: PrimitiveDescriptor
    var source: Located
    var target: Located
    var workspace: Located
  }

  func compileMaxPool(_ node: Node, _ window: PoolingWindow) throws {
    let pooling = try forwardPooling(node.operands[0], type(of: node.result), window)
    places[node.result] = [pooling.target]
  }

  /// The max pooling of a value, run once however many nodes ask for it.
  private func forwardPooling(
    _ x: Value, _ resultType: TensorType, _ window: PoolingWindow
  ) throws -> ForwardPooling {
    let key = PoolingKey(operand: x, window: window)
    if let pooling = poolings[key] { return pooling }
    let source = try home(x)
    let ordered = try source.layout.inPrimitiveOrder(.activations)
    let any = try MemoryDescriptor(any: resultType, .activations)
    let w = OneDNNWindow(window.axes)
    let kernel = window.kernel.map(Int64.init)
    let descriptor = try PrimitiveDescriptor("max pooling") { result, attributes in
      dnnl_pooling_forward_primitive_desc_create(
        result, context.engine, dnnl_forward_training, dnnl_pooling_max, ordered.handle, any.handle,
        w.strides,
        kernel, w.dilations, w.before, w.after, attributes)
    }
    let layout = try descriptor.layout(dnnl_query_dst_md, .activations)
    let workspace = try descriptor.layout(dnnl_query_workspace_md, .graph)
    let pooling = ForwardPooling(
      descriptor: descriptor, source: source,
      target: Located(buffer: makeBuffer(layout.byteCount), layout: layout),
      workspace: Located(buffer: makeBuffer(workspace.byteCount), layout: workspace))
    try append(
      "max_pool", descriptor,
      [
        Argument(index: DNNL_ARG_SRC, layout: ordered, buffer: source.buffer),
        Argument(
          index: DNNL_ARG_DST, layout: try layout.inPrimitiveOrder(.activations),
          buffer: pooling.target.buffer, isWritten: true),
        Argument(
          index: DNNL_ARG_WORKSPACE, layout: workspace, buffer: pooling.workspace.buffer, isWritten: true),
      ])
    poolings[key] = pooling
    return pooling
  }

  func compileMaxPoolGradient(_ node: Node, _ window: PoolingWindow) throws {
    let (x, dy, dx) = (node.operands[0], node.operands[1], node.result)
    let pooling = try forwardPooling(x, type(of: dy), window)
    let sourceLayout = try pooling.source.layout.inPrimitiveOrder(.activations)
    let targetLayout = try pooling.target.layout.inPrimitiveOrder(.activations)
    let w = OneDNNWindow(window.axes)
    let kernel = window.kernel.map(Int64.init)
    let descriptor = try PrimitiveDescriptor("max pooling gradient") { result, attributes in
      dnnl_pooling_backward_primitive_desc_create(
        result, context.engine, dnnl_pooling_max, sourceLayout.handle, targetLayout.handle, w.strides, kernel,
        w.dilations, w.before, w.after, pooling.descriptor.handle, attributes)
    }
    try append(
      node.operation.name, descriptor,
      [
        Argument(
          index: DNNL_ARG_DIFF_DST, layout: targetLayout, buffer: try located(dy, as: pooling.target.layout)),
        Argument(
          index: DNNL_ARG_WORKSPACE, layout: pooling.workspace.layout, buffer: pooling.workspace.buffer),
        Argument(
          index: DNNL_ARG_DIFF_SRC, layout: sourceLayout,
          buffer: define(dx, as: pooling.source.layout), isWritten: true),
      ])
  }
}
