import COneDNN
import TensorGraph

extension GraphCompiler {
  private func poolingDescriptor(
    _ layout: MemoryDescriptor, _ resultType: TensorType, _ window: PoolingWindow
  ) throws -> PrimitiveDescriptor {
    let ordered = try layout.inPrimitiveOrder(.activations)
    let any = try MemoryDescriptor(any: resultType, .activations)
    let w = OneDNNWindow(window.axes)
    let kernel = window.kernel.map(Int64.init)
    return try PrimitiveDescriptor("max pooling") { result, attributes in
      dnnl_pooling_forward_primitive_desc_create(
        result, context.engine, dnnl_forward_training, dnnl_pooling_max, ordered.handle, any.handle,
        w.strides, kernel, w.dilations, w.before, w.after, attributes)
    }
  }

  /// The max pooling of x, and where each largest voxel lay.
  func compileMaxPool(_ x: Value, _ window: PoolingWindow, y: Value, workspace: Value) throws {
    let source = try home(x)
    let descriptor = try poolingDescriptor(source.layout, type(of: y), window)
    let layout = try descriptor.layout(dnnl_query_dst_md, .activations)
    let workspaceLayout = try descriptor.layout(dnnl_query_workspace_md, .graph)
    try append(
      "max_pool", descriptor,
      [
        Argument(
          index: DNNL_ARG_SRC, layout: try source.layout.inPrimitiveOrder(.activations),
          buffer: source.buffer),
        Argument(
          index: DNNL_ARG_DST, layout: try layout.inPrimitiveOrder(.activations),
          buffer: define(y, as: layout), isWritten: true),
        Argument(
          index: DNNL_ARG_WORKSPACE, layout: workspaceLayout, buffer: define(workspace, as: workspaceLayout),
          isWritten: true),
      ])
  }

  /// The gradient of a max pooling, from what that noted.
  func compileMaxPoolGradient(_ node: Node, _ window: PoolingWindow, y: Value, workspace: Value) throws {
    let (x, dy, dx) = (node.operands[0], node.operands[1], node.result)
    let (source, target, notes) = (try home(x).layout, try home(y).layout, try home(workspace))
    let sourceLayout = try source.inPrimitiveOrder(.activations)
    let targetLayout = try target.inPrimitiveOrder(.activations)
    let forward = try poolingDescriptor(source, type(of: y), window)
    let w = OneDNNWindow(window.axes)
    let kernel = window.kernel.map(Int64.init)
    let descriptor = try PrimitiveDescriptor("max pooling gradient") { result, attributes in
      dnnl_pooling_backward_primitive_desc_create(
        result, context.engine, dnnl_pooling_max, sourceLayout.handle, targetLayout.handle, w.strides, kernel,
        w.dilations, w.before, w.after, forward.handle, attributes)
    }
    try append(
      node.operation.name, descriptor,
      [
        Argument(index: DNNL_ARG_DIFF_DST, layout: targetLayout, buffer: try located(dy, as: target)),
        Argument(index: DNNL_ARG_WORKSPACE, layout: notes.layout, buffer: notes.buffer),
        Argument(
          index: DNNL_ARG_DIFF_SRC, layout: sourceLayout, buffer: define(dx, as: source), isWritten: true),
      ])
  }
}
