import COneDNN
import TensorGraph

extension GraphCompiler {
  /// oneDNN's ReLU, alone or behind batch norm, makes 0 of NaN, unlike the interpreter's; its max pooling passes
  /// NaN over. What went wrong before them shows in the gradients.
  func compileReLU(_ node: Node) throws {
    let source = try home(node.operands[0])
    let layout = source.layout
    let descriptor = try reluDescriptor(layout)
    try append(
      node.operation.name, descriptor,
      [
        Argument(index: DNNL_ARG_SRC, layout: layout, buffer: source.buffer),
        Argument(
          index: DNNL_ARG_DST, layout: layout, buffer: define(node.result, as: layout), isWritten: true),
      ])
  }

  private func reluDescriptor(_ layout: MemoryDescriptor) throws -> PrimitiveDescriptor {
    try PrimitiveDescriptor("relu") { result, attributes in
      dnnl_eltwise_forward_primitive_desc_create(
        result, context.engine, dnnl_forward_training, dnnl_eltwise_relu_use_dst_for_bwd, layout.handle,
        layout.handle, 0, 0, attributes)
    }
  }

  func compileReLUGradient(_ node: Node) throws {
    let y = try home(node.operands[0])
    let layout = y.layout
    let hint = try reluDescriptor(layout)
    let descriptor = try PrimitiveDescriptor("relu gradient") { result, attributes in
      dnnl_eltwise_backward_primitive_desc_create(
        result, context.engine, dnnl_eltwise_relu_use_dst_for_bwd, layout.handle, layout.handle,
        layout.handle, 0, 0, hint.handle, attributes)
    }
    try append(
      node.operation.name, descriptor,
      [
        Argument(index: DNNL_ARG_DST, layout: layout, buffer: y.buffer),
        Argument(
          index: DNNL_ARG_DIFF_DST, layout: layout, buffer: try located(node.operands[1], as: layout)),
        Argument(
          index: DNNL_ARG_DIFF_SRC, layout: layout, buffer: define(node.result, as: layout), isWritten: true),
      ])
  }

  /// One alpha per channel, as oneDNN's N, C, D, H, W with one channel axis.
  private func perChannelLayout(_ type: TensorType) throws -> MemoryDescriptor {
    try MemoryDescriptor(rowMajor: TensorType(type.dtype, [1, type.shape[0], 1, 1, 1]))
  }

  private func preluDescriptor(
    _ layout: MemoryDescriptor, _ alpha: MemoryDescriptor
  ) throws -> PrimitiveDescriptor {
    try PrimitiveDescriptor("prelu") { result, attributes in
      dnnl_prelu_forward_primitive_desc_create(
        result, context.engine, dnnl_forward_training, layout.handle, alpha.handle, layout.handle, attributes)
    }
  }

  func compilePReLU(_ node: Node) throws {
    if try compilePReLUByChannels(node) { return }
    let (x, alpha) = (node.operands[0], node.operands[1])
    let layout = try batchLayout(of: x)
    let ordered = try primitiveLayout(layout, type(of: x))
    let alphaLayout = try perChannelLayout(type(of: alpha))
    try append(
      node.operation.name, try preluDescriptor(ordered, alphaLayout),
      [
        Argument(index: DNNL_ARG_SRC, layout: ordered, buffer: try located(x, as: layout)),
        Argument(index: DNNL_ARG_WEIGHTS, layout: alphaLayout, buffer: try rowMajor(alpha)),
        Argument(
          index: DNNL_ARG_DST, layout: ordered, buffer: define(node.result, as: layout), isWritten: true),
      ])
  }

  func compilePReLUGradient(_ node: Node) throws {
    if try compilePReLUGradientByChannels(node) { return }
    let (x, alpha, dy) = (node.operands[0], node.operands[1], node.operands[2])
    let layout = try batchLayout(of: x)
    let ordered = try primitiveLayout(layout, type(of: x))
    let alphaLayout = try perChannelLayout(type(of: alpha))
    let hint = try preluDescriptor(ordered, alphaLayout)
    let descriptor = try PrimitiveDescriptor("prelu gradient") { result, attributes in
      dnnl_prelu_backward_primitive_desc_create(
        result, context.engine, ordered.handle, alphaLayout.handle, ordered.handle, alphaLayout.handle,
        ordered.handle, hint.handle, attributes)
    }
    try append(
      node.operation.name, descriptor,
      [
        Argument(index: DNNL_ARG_SRC, layout: ordered, buffer: try located(x, as: layout)),
        Argument(index: DNNL_ARG_WEIGHTS, layout: alphaLayout, buffer: try rowMajor(alpha)),
        Argument(index: DNNL_ARG_DIFF_DST, layout: ordered, buffer: try located(dy, as: layout)),
        Argument(
          index: DNNL_ARG_DIFF_SRC, layout: ordered, buffer: define(node.results[0], as: layout),
          isWritten: true),
        Argument(
          index: DNNL_ARG_DIFF_WEIGHTS, layout: alphaLayout, buffer: try define(node.results[1]),
          isWritten: true),
      ])
  }

  /// - Parameter bias: what the bias was cast from, where that is computed before the node; nil for the bias.
  func compileBiasAdd(_ node: Node, bias wide: Value? = nil) throws {
    let (x, bias) = (node.operands[0], wide ?? node.operands[1])
    let layout = try batchLayout(of: x)
    let ordered = try primitiveLayout(layout, type(of: x))
    let biasLayout = try perChannelLayout(type(of: bias))
    let descriptor = try PrimitiveDescriptor("bias addition") { result, attributes in
      dnnl_binary_primitive_desc_create(
        result, context.engine, dnnl_binary_add, ordered.handle, biasLayout.handle, ordered.handle, attributes
      )
    }
    try append(
      node.operation.name, descriptor,
      [
        Argument(index: DNNL_ARG_SRC_0, layout: ordered, buffer: try located(x, as: layout)),
        Argument(index: DNNL_ARG_SRC_1, layout: biasLayout, buffer: try rowMajor(bias)),
        Argument(
          index: DNNL_ARG_DST, layout: ordered, buffer: define(node.result, as: layout), isWritten: true),
      ])
  }
}
