import TensorGraph

/// Writes the operations of a graph in terms of StableHLO's.
struct StableHLOLowering {
  let graph: Graph
  /// The replicas that run the program together.
  let replicaCount: Int
  /// Whether float32 convolutions may round their operands to TF32.
  let allowsTF32: Bool
  var writer = StableHLOWriter()
  private var values: [Value: HLOValue] = [:]

  init(_ graph: Graph, replicaCount: Int, allowsTF32: Bool) {
    self.graph = graph
    self.replicaCount = replicaCount
    self.allowsTF32 = allowsTF32
    for (index, parameter) in graph.parameters.enumerated() {
      let type = graph.type(of: parameter.value)
      let argument = HLOValue(name: "%arg\(index)", type: parameter.typeOnDevice(type))
      values[parameter.value] = parameter.kind.isPersistent ? writer.loaded(argument, as: type) : argument
    }
  }

  func value(_ value: Value) -> HLOValue { values[value]! }

  /// The new content of weights or state, as it is to lie on the device.
  mutating func stored(_ value: Value) -> HLOValue { writer.stored(values[value]!) }

  mutating func lower(_ node: Node) {
    let types = node.results.map { graph.type(of: $0) }
    let results = lower(node.operation, node.operands.map { values[$0]! }, types)
    for (result, value) in zip(node.results, results) { values[result] = value }
  }

  private mutating func lower(
    _ operation: Operation, _ x: [HLOValue], _ types: [TensorType]
  ) -> [HLOValue] {
    let type = types[0]
    return switch operation {
    case .constant(let value, _): [writer.constant(value, type)]
    case .convolution(let window): [convolution(x[0], x[1], window, type)]
    case .convolutionInputGradient(let window, _): [convolutionInputGradient(x[0], x[1], window, type)]
    case .convolutionFilterGradient(let window, _): [convolutionFilterGradient(x[0], x[1], window, type)]
    case .maxPool(let window): [writer.maxPool(x[0], window, type)]
    case .maxPoolGradient(let window): [writer.maxPoolGradient(x[0], x[1], window)]
    case .biasAdd: [writer.elementwise("add", x[0], writer.alongChannels(x[1], x[0].shape))]
    case .batchNormTraining(let epsilon): batchNormTraining(x[0], x[1], x[2], epsilon)
    case .batchNormInference(let epsilon): [batchNormInference(x, epsilon)]
    case .batchNormGradient(let epsilon): batchNormGradient(x, epsilon)
    case .relu: [writer.elementwise("maximum", x[0], zero(like: x[0]))]
    case .reluGradient: [reluGradient(x[0], x[1])]
    case .prelu: [prelu(x[0], x[1])]
    case .preluGradient: preluGradient(x[0], x[1], x[2])
    case .softmax: [softmax(x[0])]
    case .softmaxGradient: [softmaxGradient(x[0], x[1])]
    case .unary(let function): [unary(function, x[0])]
    case .binary(let function): [writer.elementwise(function.stableHLO, x[0], x[1])]
    case .compare(let comparison): [writer.compare(x[0], comparison.stableHLO, x[1])]
    case .select: [writer.select(x[0], x[1], x[2])]
    case .cast(let dtype): [writer.convert(x[0], to: dtype)]
    case .concatenate(let axis): [writer.concatenate(x, axis: axis)]
    case .slice(let start, let limit): [writer.slice(x[0], start: start, limit: limit)]
    case .pad(let before, let after): [writer.pad(x[0], before: before, after: after)]
    case .reshape(let shape): [writer.reshape(x[0], to: shape)]
    case .transpose(let permutation): [writer.transpose(x[0], permutation)]
    case .broadcast(let shape, let axes): [broadcast(x[0], to: shape, axes)]
    case .reduceSum(let axes): [writer.sum(x[0], axes: axes)]
    case .oneHot(let depth, let dtype): [oneHot(x[0], depth, dtype)]
    case .argmax(let axis): [writer.argmax(x[0], axis: axis)]
    case .allReduceMean: writer.allReduceMean(x, replicaCount: replicaCount)
    case .optimizerUpdate(let rule): optimizerUpdate(x, rule)
    }
  }

  // MARK: Small operations

  mutating func zero(like x: HLOValue) -> HLOValue {
    writer.constant(0, TensorType(x.dtype, .scalar))
  }

  private mutating func unary(_ function: UnaryFunction, _ x: HLOValue) -> HLOValue {
    switch function {
    case .negate: writer.elementwise("negate", x)
    case .abs: writer.elementwise("abs", x)
    case .sqrt: writer.elementwise("sqrt", x)
    case .exp: writer.elementwise("exponential", x)
    case .log: writer.elementwise("log", x)
    case .logistic: writer.elementwise("logistic", x)
    case .isFinite: writer.isFinite(x)
    }
  }

  /// StableHLO wants the operand's axes in the result's order.
  private mutating func broadcast(_ x: HLOValue, to shape: Shape, _ axes: [Int]) -> HLOValue {
    let order = axes.indices.sorted { axes[$0] < axes[$1] }
    let ordered = order == Array(axes.indices) ? x : writer.transpose(x, order)
    return writer.broadcast(ordered, to: shape, axes: axes.sorted())
  }

  private mutating func oneHot(_ x: HLOValue, _ depth: Int, _ dtype: DType) -> HLOValue {
    let shape = Shape(x.shape.extents + [depth])
    let classes = writer.iota(shape, axis: x.shape.rank)
    let wide = writer.broadcast(x, to: shape, axes: Array(0..<x.shape.rank))
    return writer.convert(writer.compare(wide, "EQ", classes), to: dtype)
  }
}

extension BinaryFunction {
  fileprivate var stableHLO: String {
    switch self {
    case .add: "add"
    case .subtract: "subtract"
    case .multiply: "multiply"
    case .divide: "divide"
    case .maximum: "maximum"
    case .minimum: "minimum"
    }
  }
}

extension Comparison {
  fileprivate var stableHLO: String {
    switch self {
    case .equal: "EQ"
    case .notEqual: "NE"
    case .less: "LT"
    case .lessOrEqual: "LE"
    case .greater: "GT"
    case .greaterOrEqual: "GE"
    }
  }
}
