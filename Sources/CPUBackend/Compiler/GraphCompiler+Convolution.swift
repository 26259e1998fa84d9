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

  /// A convolution, with what its result is for alone: a bias, a ReLU, an addition.
  func compileConvolution(_ index: Int, _ node: Node, _ window: ConvolutionWindow) throws {
    let tail = fusions.tailOfConvolution[index]
    let bias = fusions.biasOfConvolution[index].map { graph.nodes[$0] }
    let problem = problem(.forward, window, node.operands[0], node.operands[1], node.result)
    let weights = type(of: fusions.uncast(node.operands[1]))
    if let tail, case .winograd(let kernel) = try chooser.kernel(for: problem, weights: weights) {
      let name = "convolution" + (bias == nil ? "" : " + bias") + (tail.relu == nil ? "" : " + relu")
      return try compileWinograd(
        problem, kernel, name + (tail.addition == nil ? "" : " + add"), source: node.operands[0],
        weights: node.operands[1], bias: bias.map { fusions.uncast($0.operands[1]) },
        isRectified: tail.relu != nil, residual: tail.addition?.other, result: graph.nodes[tail.last].result)
    }
    try compileBiasedConvolution(node, bias, window, problem)
    if let relu = tail?.relu { try compileReLU(graph.nodes[relu]) }
    if let addition = tail?.addition?.node { try compileBinary(addition, graph.nodes[addition], .add) }
  }

  private func compileBiasedConvolution(
    _ node: Node, _ bias: Node?, _ window: ConvolutionWindow, _ problem: ConvolutionProblem
  ) throws {
    let biasValue = bias.map { fusions.uncast($0.operands[1]) }
    let result = bias?.result ?? node.result
    let name = bias == nil ? "convolution" : "convolution + bias"
    if try compileByKernel(
      problem, name, source: node.operands[0], weights: node.operands[1], bias: biasValue, result: result)
    {
      return
    }
    try keepInForwardLayout(node.operands[1], of: node, window)
    let descriptor = try forwardDescriptor(
      input: type(of: node.operands[0]), weights: type(of: node.operands[1]),
      bias: biasValue.map { type(of: $0) }, output: type(of: result), window)
    var arguments = [
      try operand(node.operands[0], descriptor, dnnl_query_src_md, DNNL_ARG_SRC, .activations),
      try operand(node.operands[1], descriptor, dnnl_query_weights_md, DNNL_ARG_WEIGHTS, .weights),
    ]
    if let biasValue {
      arguments.append(
        Argument(
          index: DNNL_ARG_BIAS, layout: try rowMajorLayout(of: biasValue), buffer: try rowMajor(biasValue)))
    }
    arguments.append(try self.result(result, descriptor, dnnl_query_dst_md, DNNL_ARG_DST, .activations))
    try append(name, descriptor, arguments)
  }

  /// Compiles y = x * w + bias, or dx = dy * reversed w, by a kernel of our own where one was chosen; returns
  /// whether it did.
  private func compileByKernel(
    _ problem: ConvolutionProblem, _ name: String, source: Value, weights: Value, bias: Value?, result: Value
  ) throws -> Bool {
    switch try chooser.kernel(for: problem, weights: type(of: fusions.uncast(weights))) {
    case .winograd(let kernel):
      try compileWinograd(problem, kernel, name, source: source, weights: weights, bias: bias, result: result)
    case .narrow(let kernel):
      try compileNarrow(problem, kernel, name, source: source, weights: weights, bias: bias, result: result)
    case .patch(let kernel):
      try compilePatch(problem, kernel, name, source: source, weights: weights, bias: bias, result: result)
    case nil: return false
    }
    return true
  }

  private func problem(
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
    let master = fusions.uncast(weights)
    guard master != weights else { return }
    func wide(_ value: Value) -> TensorType { TensorType(.f32, type(of: value).shape) }
    let descriptor = try forwardDescriptor(
      input: wide(node.operands[0]), weights: wide(weights), bias: nil, output: wide(node.result), window)
    decideIfOpen(master, try descriptor.layout(dnnl_query_weights_md, .weights))
  }

  /// An input gradient, or as a layer of its own a transposed convolution with its bias.
  func compileInputGradient(_ index: Int, _ node: Node, _ window: ConvolutionWindow) throws {
    let (dy, weights, dx) = (node.operands[0], node.operands[1], node.result)
    let addition = fusions.biasOfConvolution[index].map { graph.nodes[$0] }
    let bias = addition.map { fusions.uncast($0.operands[1]) }
    let name = node.operation.name + (bias == nil ? "" : " + bias")
    let problem = problem(.inputGradient, window, dx, weights, dy)
    if try compileByKernel(
      problem, name, source: dy, weights: weights, bias: bias, result: addition?.result ?? dx)
    {
      return
    }
    try compileDirectInputGradient(node, window)
    if let addition { try compileBiasAdd(addition, bias: bias) }
  }

  private func compileDirectInputGradient(_ node: Node, _ window: ConvolutionWindow) throws {
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

  /// A filter gradient, with the bias gradient when the graph wants it of the same cotangent.
  func compileFilterGradient(_ index: Int, _ node: Node, _ window: ConvolutionWindow) throws {
    let (x, dy) = (node.operands[0], node.operands[1])
    let dw = fusions.castOfFilterGradient[index].map { graph.nodes[$0].result } ?? node.result
    let bias = fusions.biasOfFilterGradient[index].map { graph.nodes[$0].result }
    let problem = problem(.filterGradient, window, x, node.result, dy)
    if let kernel = try chooser.kernel(for: problem, weights: type(of: dw)) {
      switch kernel {
      case .winograd(let kernel):
        try compileWinogradFilterGradient(problem, kernel, node.operation.name, x: x, dy: dy, dw: dw)
      case .narrow(let kernel):
        try compileNarrowFilterGradient(problem, kernel, node.operation.name, x: x, dy: dy, dw: dw)
      case .patch(let kernel):
        try compilePatchFilterGradient(problem, kernel, node.operation.name, x: x, dy: dy, dw: dw)
      }
      if let bias { try compileChannelSum(of: dy, bias) }
      return
    }
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
