import TensorGraph

extension ONNXTranslation {
  /// Appends what a node of its own becomes.
  ///
  /// - Throws: `ONNXError.unsupportedOperation` for what no prediction computes.
  mutating func append(_ node: Node) throws(ONNXError) {
    let (x, value) = (node.operands.first, node.results[0])
    switch node.operation {
    case .convolution, .convolutionInputGradient: try append(node, bias: nil, value)
    case .maxPool(let window): try append("MaxPool", [x!], value, window.attributes)
    case .biasAdd: try appendByChannel("Add", node)
    case .batchNormInference(let epsilon): try appendBatchNorm(node, epsilon)
    case .relu: try append("Relu", [x!], value)
    case .prelu: try appendByChannel("PRelu", node)
    case .softmax: try append("Softmax", [x!], value, [.init(name: "axis", value: .integer(1))])
    case .unary(let function): try append(function, x!, value)
    case .binary(let function): try appendRepeating(function.onnxName, node)
    case .compare(let comparison): try append(comparison, node)
    case .select: try appendRepeating("Where", node)
    case .concatenate(let axis):
      try append("Concat", node.operands, value, [.init(name: "axis", value: .integer(channelsFirst(axis)))])
    case .slice(let start, let limit): try appendSlice(node, start, limit)
    case .broadcast(let shape, let axes): try appendBroadcast(node, shape, axes)
    case .reduceSum(let axes): try appendSum(x!, axes, value)
    case .constant, .convolutionFilterGradient, .maxPoolGradient, .batchNormTraining, .batchNormGradient,
      .reluGradient, .preluGradient, .softmaxGradient, .cast, .pad, .reshape, .transpose, .oneHot, .argmax,
      .allReduceMean, .optimizerUpdate:
      throw .unsupportedOperation(node.operation.name)
    }
  }

  /// Where an axis of a batch lies in ONNX's order.
  private func channelsFirst(_ axis: Int) -> Int { [0, 2, 3, 4, 1][axis] }

  // MARK: Convolutions

  /// Appends a convolution, or its transpose, with a bias.
  mutating func append(_ node: Node, bias: Value?, _ value: Value) throws(ONNXError) {
    guard isKnown(node.operands[1]), bias.map(isKnown) ?? true else {
      throw .unsupportedOperation(node.operation.name)
    }
    let kernel = initializer(node.operands[1], .kernel)
    var inputs = [try name(of: node.operands[0]), kernel]
    if let bias { inputs.append(initializer(bias, .asItIs)) }
    let layer = kernel.hasSuffix("/kernel") ? String(kernel.dropLast("/kernel".count)) : nil
    let extents = Array(shape(of: node.operands[1]).extents.prefix(3))
    switch node.operation {
    case .convolution(let window):
      append("Conv", named: inputs, value, window.attributes(kernel: extents), as: layer)
    case .convolutionInputGradient(let window, let inputShape):
      let padding = outputPadding(window, kernel: extents, from: shape(of: node.operands[0]), to: inputShape)
      append(
        "ConvTranspose", named: inputs, value,
        window.attributes(kernel: extents) + [.init(name: "output_padding", value: .integers(padding))],
        as: layer)
    default: throw .unsupportedOperation(node.operation.name)
    }
  }

  /// What a transposed convolution adds behind each axis: of the extents that the convolution would map to one the larger has
  /// more.
  ///
  /// Source: ONNX, `ConvTranspose`: output = stride (input - 1) + output_padding + (kernel - 1) dilation + 1 - pads.
  private func outputPadding(
    _ window: ConvolutionWindow, kernel: [Int], from input: Shape, to output: Shape
  ) -> [Int] {
    (0..<3).map { index in
      let axis = window.axes[index]
      let least =
        axis.stride * (input[index + 1] - 1) + (kernel[index] - 1) * axis.dilation + 1 - axis.before
        - axis.after
      return output[index + 1] - least
    }
  }

  // MARK: Channels

  /// Appends an operation whose second operand has a number for each channel.
  private mutating func appendByChannel(_ type: String, _ node: Node) throws(ONNXError) {
    guard isKnown(node.operands[1]), shape(of: node.operands[0]).rank == 5 else {
      throw .unsupportedOperation(node.operation.name)
    }
    let inputs = [try name(of: node.operands[0]), initializer(node.operands[1], .channels)]
    append(type, named: inputs, node.result)
  }

  private mutating func appendBatchNorm(_ node: Node, _ epsilon: Double) throws(ONNXError) {
    guard node.operands.dropFirst().allSatisfy(isKnown) else {
      throw .unsupportedOperation(node.operation.name)
    }
    let inputs = [try name(of: node.operands[0])] + node.operands.dropFirst().map { initializer($0, .asItIs) }
    append(
      "BatchNormalization", named: inputs, node.result,
      [.init(name: "epsilon", value: .number(Float(epsilon)))])
  }

  // MARK: Element by element

  private mutating func append(
    _ function: UnaryFunction, _ x: Value, _ value: Value
  ) throws(ONNXError) {
    let type =
      switch function {
      case .negate: "Neg"
      case .abs: "Abs"
      case .sqrt: "Sqrt"
      case .exp: "Exp"
      case .log: "Log"
      case .logistic: "Sigmoid"
      case .isFinite: throw .unsupportedOperation(function.rawValue)
      }
    try append(type, [x], value)
  }

  private mutating func append(_ comparison: Comparison, _ node: Node) throws(ONNXError) {
    let type =
      switch comparison {
      case .equal: "Equal"
      case .less: "Less"
      case .lessOrEqual: "LessOrEqual"
      case .greater: "Greater"
      case .greaterOrEqual: "GreaterOrEqual"
      case .notEqual: throw .unsupportedOperation(comparison.rawValue)
      }
    try appendRepeating(type, node)
  }

  /// Appends an operation that repeats its operands along axes of extent 1, as NumPy does.
  private mutating func appendRepeating(_ type: String, _ node: Node) throws(ONNXError) {
    guard node.operands.contains(where: { !isUnrepeated($0) && !isKnown($0) }) else {
      throw .unsupportedOperation("broadcast")
    }
    var inputs: [String] = []
    for operand in node.operands { inputs.append(try repeatedName(of: operand)) }
    append(type, named: inputs, node.result)
  }

  // MARK: Shape

  private mutating func appendSlice(_ node: Node, _ start: [Int], _ limit: [Int]) throws(ONNXError) {
    let extents = shape(of: node.operands[0]).extents
    // An axis that stays whole may have any extent.
    let cut = extents.indices.filter { start[$0] != 0 || limit[$0] != extents[$0] }
    guard extents.count == 5 else { throw .unsupportedOperation(node.operation.name) }
    let inputs = [
      try name(of: node.operands[0]), initializer(cut.map { start[$0] }, "starts"),
      initializer(cut.map { limit[$0] }, "ends"), initializer(cut.map(channelsFirst), "axes"),
    ]
    append("Slice", named: inputs, node.result)
  }

  /// One number for each channel of each image, or one channel for all, is left as it is: whatever reads it repeats it.
  private mutating func appendBroadcast(_ node: Node, _ shape: Shape, _ axes: [Int]) throws(ONNXError) {
    let name = try name(of: node.operands[0])
    switch axes {
    case [0, 4] where shape.rank == 5:
      append("Unsqueeze", named: [name, initializer([2, 3, 4], "axes")], node.result)
      leaveUnrepeated(node.result, named: try self.name(of: node.result))
    case [0, 1, 2, 3, 4]: leaveUnrepeated(node.result, named: name)
    default: throw .unsupportedOperation(node.operation.name)
    }
  }

  // MARK: Reductions

  private mutating func appendSum(_ x: Value, _ axes: [Int], _ value: Value) throws(ONNXError) {
    try requireVoxelAxes(axes, of: x)
    append("ReduceSum", named: [try name(of: x), initializer([2, 3, 4], "axes")], value, Self.dropsAxes)
  }

  mutating func appendMean(_ x: Value, _ axes: [Int], _ value: Value) throws(ONNXError) {
    try requireVoxelAxes(axes, of: x)
    let name = try name(of: x)
    guard opset.reducesByInput else {
      return append(
        "ReduceMean", named: [name], value,
        [.init(name: "axes", value: .integers([2, 3, 4]))] + Self.dropsAxes)
    }
    append("ReduceMean", named: [name, initializer([2, 3, 4], "axes")], value, Self.dropsAxes)
  }

  private static let dropsAxes = [ONNXNode.Attribute(name: "keepdims", value: .integer(0))]

  /// What is left of a batch is `[N, C]`.
  private func requireVoxelAxes(_ axes: [Int], of x: Value) throws(ONNXError) {
    guard axes == [1, 2, 3], shape(of: x).rank == 5 else { throw .unsupportedOperation("reduce_sum") }
  }
}

extension BinaryFunction {
  fileprivate var onnxName: String {
    switch self {
    case .add: "Add"
    case .subtract: "Sub"
    case .multiply: "Mul"
    case .divide: "Div"
    case .maximum: "Max"
    case .minimum: "Min"
    }
  }
}

extension ConvolutionWindow {
  fileprivate func attributes(kernel: [Int]) -> [ONNXNode.Attribute] {
    windowAttributes(kernel, axes) + [.init(name: "dilations", value: .integers(axes.map(\.dilation)))]
  }
}

extension PoolingWindow {
  fileprivate var attributes: [ONNXNode.Attribute] { windowAttributes(kernel, axes) }
}

private func windowAttributes(_ kernel: [Int], _ axes: [WindowAxis]) -> [ONNXNode.Attribute] {
  [
    .init(name: "kernel_shape", value: .integers(kernel)),
    .init(name: "strides", value: .integers(axes.map(\.stride))),
    .init(name: "pads", value: .integers(axes.map(\.before) + axes.map(\.after))),
  ]
}
