import COneDNN
import TensorGraph

extension GraphCompiler {
  /// A tensor `[..., C]` as a batch of rank 5, which oneDNN's per-channel primitives take.
  struct Batch {
    var buffer: BufferID
    /// In the primitive's axis order N, C, D, H, W.
    var primitiveLayout: MemoryDescriptor
    /// In the graph's own shape.
    var layout: MemoryDescriptor
  }

  /// The layout of a value for a per-channel primitive: its home layout at rank 5, else row-major.
  func batchLayout(of value: Value) throws -> MemoryDescriptor {
    type(of: value).shape.rank == 5 ? try home(value).layout : try rowMajorLayout(of: value)
  }

  /// A layout of `[..., C]` seen by a primitive as N, C, D, H, W.
  func primitiveLayout(_ layout: MemoryDescriptor, _ type: TensorType) throws -> MemoryDescriptor {
    guard type.shape.rank != 5 else { return try layout.inPrimitiveOrder(.activations) }
    let channels = type.shape.channels
    let rows = type.shape.elementCount / max(1, channels)
    return try MemoryDescriptor(rowMajor: TensorType(type.dtype, [rows, 1, 1, 1, channels]))
      .inPrimitiveOrder(.activations)
  }

  private func channelArgument(_ value: Value, _ index: Int32) throws -> Argument {
    Argument(index: index, layout: try rowMajorLayout(of: value), buffer: try rowMajor(value))
  }

  private func channelResult(_ value: Value, _ index: Int32) throws -> Argument {
    Argument(
      index: index, layout: try rowMajorLayout(of: value), buffer: try define(value), isWritten: true)
  }

  private func batchNormDescriptor(
    _ layout: MemoryDescriptor, _ epsilon: Float, _ kind: dnnl_prop_kind_t, _ flags: UInt32
  ) throws -> PrimitiveDescriptor {
    try PrimitiveDescriptor("batch norm") { result, attributes in
      dnnl_batch_normalization_forward_primitive_desc_create(
        result, context.engine, kind, layout.handle, layout.handle, epsilon, flags, attributes)
    }
  }

  private var affineFlags: UInt32 {
    UInt32(dnnl_use_scale.rawValue) | UInt32(dnnl_use_shift.rawValue)
  }

  private func batchNormFlags(fusingReLU: Bool) -> UInt32 {
    affineFlags | (fusingReLU ? UInt32(dnnl_fuse_norm_relu.rawValue) : 0)
  }

  /// Batch norm with batch statistics by oneDNN, with the ReLU behind it where there is a workspace for its gradient.
  func compileDirectBatchNorm(_ node: Node, _ epsilon: Float, y: Value, workspace: Value?) throws {
    let x = node.operands[0]
    let layout = try batchLayout(of: x)
    let ordered = try primitiveLayout(layout, type(of: x))
    let descriptor = try batchNormDescriptor(
      ordered, epsilon, dnnl_forward_training, batchNormFlags(fusingReLU: workspace != nil))
    var arguments = [
      Argument(index: DNNL_ARG_SRC, layout: ordered, buffer: try located(x, as: layout)),
      try channelArgument(node.operands[1], DNNL_ARG_SCALE),
      try channelArgument(node.operands[2], DNNL_ARG_SHIFT),
      Argument(
        index: DNNL_ARG_DST, layout: ordered, buffer: define(y, as: layout),
        isWritten: true),
      try channelResult(node.results[1], DNNL_ARG_MEAN),
      try channelResult(node.results[2], DNNL_ARG_VARIANCE),
    ]
    if let workspace {
      let layout = try descriptor.layout(dnnl_query_workspace_md, .graph)
      arguments.append(
        Argument(
          index: DNNL_ARG_WORKSPACE, layout: layout, buffer: define(workspace, as: layout), isWritten: true))
    }
    try append(workspace == nil ? "batch norm" : "batch norm + relu", descriptor, arguments)
  }

  func compileBatchNormInference(_ node: Node, _ epsilon: Float) throws {
    let x = node.operands[0]
    let layout = try batchLayout(of: x)
    let ordered = try primitiveLayout(layout, type(of: x))
    let flags = affineFlags | UInt32(dnnl_use_global_stats.rawValue)
    let descriptor = try batchNormDescriptor(ordered, epsilon, dnnl_forward_inference, flags)
    try append(
      node.operation.name, descriptor,
      [
        Argument(index: DNNL_ARG_SRC, layout: ordered, buffer: try located(x, as: layout)),
        try channelArgument(node.operands[1], DNNL_ARG_SCALE),
        try channelArgument(node.operands[2], DNNL_ARG_SHIFT),
        try channelArgument(node.operands[3], DNNL_ARG_MEAN),
        try channelArgument(node.operands[4], DNNL_ARG_VARIANCE),
        Argument(
          index: DNNL_ARG_DST, layout: ordered, buffer: define(node.result, as: layout), isWritten: true),
      ])
  }

  /// The gradient of a batch norm by oneDNN, with that of the ReLU behind it where there is a workspace.
  func compileDirectBatchNormGradient(
    _ node: Node, _ epsilon: Float, dy: Value, workspace: Value?
  ) throws {
    let x = node.operands[0]
    let layout = try batchLayout(of: x)
    let ordered = try primitiveLayout(layout, type(of: x))
    let flags = batchNormFlags(fusingReLU: workspace != nil)
    let hint = try batchNormDescriptor(ordered, epsilon, dnnl_forward_training, flags)
    let descriptor = try PrimitiveDescriptor("batch norm gradient") { result, attributes in
      dnnl_batch_normalization_backward_primitive_desc_create(
        result, context.engine, dnnl_backward, ordered.handle, ordered.handle, ordered.handle, epsilon, flags,
        hint.handle, attributes)
    }
    var arguments = [
      Argument(index: DNNL_ARG_SRC, layout: ordered, buffer: try located(x, as: layout)),
      try channelArgument(node.operands[1], DNNL_ARG_SCALE),
      try channelArgument(node.operands[2], DNNL_ARG_MEAN),
      try channelArgument(node.operands[3], DNNL_ARG_VARIANCE),
      Argument(index: DNNL_ARG_DIFF_DST, layout: ordered, buffer: try located(dy, as: layout)),
      Argument(
        index: DNNL_ARG_DIFF_SRC, layout: ordered, buffer: define(node.results[0], as: layout),
        isWritten: true),
      try channelResult(node.results[1], DNNL_ARG_DIFF_SCALE),
      try channelResult(node.results[2], DNNL_ARG_DIFF_SHIFT),
    ]
    if let workspace {
      let place = try home(workspace)
      arguments.append(Argument(index: DNNL_ARG_WORKSPACE, layout: place.layout, buffer: place.buffer))
    }
    try append(node.operation.name + (workspace == nil ? "" : " + relu"), descriptor, arguments)
  }
}
