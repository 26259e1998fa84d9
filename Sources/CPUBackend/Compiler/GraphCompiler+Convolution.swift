import COneDNN
import TensorGraph

/// A window in oneDNN's terms: its dilations count the skipped voxels.
struct OneDNNWindow {
  let strides: [Int64]
  let dilations: [Int64]
  let before: [Int64]
  let after: [Int64]

  init(_ axes: [WindowAxis]) {
    strides = axes.map { Int64($0.stride) }
    dilations = axes.map { Int64($0.dilation - 1) }
    before = axes.map { Int64($0.before) }
    after = axes.map { Int64($0.after) }
  }
}

extension GraphCompiler {
  private func forwardDescriptor(
    input: TensorType, weights: TensorType, bias: TensorType?, output: TensorType, _ window: ConvolutionWindow
  ) throws -> PrimitiveDescriptor {
    let w = OneDNNWindow(window.axes)
    let source = try MemoryDescriptor(any: input, .activations)
    let filter = try MemoryDescriptor(any: weights, .weights)
    let target = try MemoryDescriptor(any: output, .activations)
    let biasLayout = try bias.map { try MemoryDescriptor(rowMajor: $0) }
    return try PrimitiveDescriptor("convolution \(input) with \(weights)") { result, attributes in
      dnnl_convolution_forward_primitive_desc_create(
        result, context.engine, dnnl_forward_training, dnnl_convolution_direct, source.handle, filter.handle,
        biasLayout?.handle, target.handle, w.strides, w.dilations, w.before, w.after, attributes)
    }
  }

  /// y = x * w + bias by oneDNN.
  func compileDirectConvolution(
    _ node: Node, _ window: ConvolutionWindow, _ name: String, bias: Value?, result: Value
  ) throws {
    try keepInForwardLayout(node.operands[1], of: node, window)
    let descriptor = try forwardDescriptor(
      input: type(of: node.operands[0]), weights: type(of: node.operands[1]),
      bias: bias.map { type(of: $0) }, output: type(of: result), window)
    var arguments = [
      try operand(node.operands[0], descriptor, dnnl_query_src_md, DNNL_ARG_SRC, .activations),
      try operand(node.operands[1], descriptor, dnnl_query_weights_md, DNNL_ARG_WEIGHTS, .weights),
    ]
    if let bias {
      arguments.append(
        Argument(index: DNNL_ARG_BIAS, layout: try rowMajorLayout(of: bias), buffer: try rowMajor(bias)))
    }
    arguments.append(try self.result(result, descriptor, dnnl_query_dst_md, DNNL_ARG_DST, .activations))
    try append(name, descriptor, arguments)
  }

  /// The kernel of ours that computes a problem; nil where oneDNN does.
  ///
  /// - Parameter weights: the filter, or its gradient.
  func kernel(for problem: ConvolutionProblem, weights: Value) throws -> ConvolutionChooser.Kernel? {
    try chooser.kernel(for: problem, weights: type(of: uncast(weights)))
  }

  func problem(
    _ direction: ConvolutionProblem.Direction, _ window: ConvolutionWindow, _ input: Value, _ filter: Value,
    _ output: Value
  ) -> ConvolutionProblem {
    ConvolutionProblem(
      direction: direction, window: window, input: type(of: input), filter: type(of: filter).shape,
      output: type(of: output).shape)
  }

  /// Keeps a float32 weight that is cast for a convolution in the layout of the float32 convolution: the filter
  /// gradient comes in it, too.
  private func keepInForwardLayout(
    _ weights: Value, of node: Node, _ window: ConvolutionWindow
  ) throws {
    let master = uncast(weights)
    guard master != weights else { return }
    func wide(_ value: Value) -> TensorType { TensorType(.f32, type(of: value).shape) }
    let descriptor = try forwardDescriptor(
      input: wide(node.operands[0]), weights: wide(weights), bias: nil, output: wide(node.result), window)
    decideIfOpen(master, try descriptor.layout(dnnl_query_weights_md, .weights))
  }

  /// dx = dy * reversed w by oneDNN.
  func compileDirectInputGradient(_ node: Node, _ window: ConvolutionWindow) throws {
    let (dy, weights, dx) = (node.operands[0], node.operands[1], node.result)
    let hint = try forwardDescriptor(
      input: type(of: dx), weights: type(of: weights), bias: nil, output: type(of: dy), window)
    let w = OneDNNWindow(window.axes)
    let source = try MemoryDescriptor(any: type(of: dx), .activations)
    let filter = try MemoryDescriptor(any: type(of: weights), .weights)
    let target = try MemoryDescriptor(any: type(of: dy), .activations)
    let descriptor = try PrimitiveDescriptor("input gradient of a convolution") { result, attributes in
      dnnl_convolution_backward_data_primitive_desc_create(
        result, context.engine, dnnl_convolution_direct, source.handle, filter.handle, target.handle,
        w.strides, w.dilations, w.before, w.after, hint.handle, attributes)
    }
    try append(
      node.operation.name, descriptor,
      [
        try operand(dy, descriptor, dnnl_query_diff_dst_md, DNNL_ARG_DIFF_DST, .activations),
        try operand(weights, descriptor, dnnl_query_weights_md, DNNL_ARG_WEIGHTS, .weights),
        try result(dx, descriptor, dnnl_query_diff_src_md, DNNL_ARG_DIFF_SRC, .activations),
      ])
  }

  /// dw of x and dy by oneDNN, with the bias gradient where that is wanted.
  func compileDirectFilterGradient(
    _ node: Node, _ window: ConvolutionWindow, dw: Value, bias: Value?
  ) throws {
    let (x, dy) = (node.operands[0], node.operands[1])
    let hint = try forwardDescriptor(
      input: type(of: x), weights: type(of: node.result), bias: bias.map { type(of: $0) },
      output: type(of: dy), window
    )
    let w = OneDNNWindow(window.axes)
    let source = try MemoryDescriptor(any: type(of: x), .activations)
    let filter = try MemoryDescriptor(any: type(of: dw), .weights)
    let target = try MemoryDescriptor(any: type(of: dy), .activations)
    let biasLayout = try bias.map { try rowMajorLayout(of: $0) }
    let descriptor = try PrimitiveDescriptor("filter gradient of a convolution") { result, attributes in
      dnnl_convolution_backward_weights_primitive_desc_create(
        result, context.engine, dnnl_convolution_direct, source.handle, filter.handle, biasLayout?.handle,
        target.handle, w.strides, w.dilations, w.before, w.after, hint.handle, attributes)
    }
    var arguments = [
      try operand(x, descriptor, dnnl_query_src_md, DNNL_ARG_SRC, .activations),
      try operand(dy, descriptor, dnnl_query_diff_dst_md, DNNL_ARG_DIFF_DST, .activations),
      try result(dw, descriptor, dnnl_query_diff_weights_md, DNNL_ARG_DIFF_WEIGHTS, .weights),
    ]
    if let bias, let biasLayout {
      arguments.append(
        Argument(
          index: DNNL_ARG_DIFF_BIAS, layout: biasLayout, buffer: try define(bias), isWritten: true))
    }
    let name = node.operation.name + (bias == nil ? "" : " + bias gradient")
    // oneDNN 3.2's bfloat16 filter gradients of small grids read parts of the scratchpad that they never wrote:
    // what another step left there can be infinite.
    try append(name, descriptor, arguments, clearsScratch: type(of: x).dtype != .f32)
  }

  /// An operand in the layout that the primitive chose.
  func operand(
    _ value: Value, _ descriptor: PrimitiveDescriptor, _ query: dnnl_query_t, _ index: Int32,
    _ order: AxisOrder
  ) throws -> Argument {
    let layout = try descriptor.layout(query, order)
    return Argument(
      index: index, layout: try layout.inPrimitiveOrder(order), buffer: try located(value, as: layout))
  }

  /// A result in the layout that the primitive chose.
  func result(
    _ value: Value, _ descriptor: PrimitiveDescriptor, _ query: dnnl_query_t, _ index: Int32,
    _ order: AxisOrder
  ) throws -> Argument {
    let layout = try descriptor.layout(query, order)
    return Argument(
      index: index, layout: try layout.inPrimitiveOrder(order), buffer: define(value, as: layout),
      isWritten: true)
  }
}
