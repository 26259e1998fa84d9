import TensorGraph

/// A graph under translation to ONNX, node by node.
///
/// Batches `[N, D, H, W, C]` become `[N, C, D, H, W]`, as ONNX's convolutions want them; values of rank 2 are `[N, C]` in both.
/// What follows from the weights alone is computed at once and becomes an initializer.
struct ONNXTranslation {
  let graph: Graph
  let opset: ONNXOpset
  /// What no input has a part in.
  private let known: [Value: Tensor]
  private let fusion: ONNXFusion
  private(set) var result: ONNXGraph
  private var names: [Value: String] = [:]
  /// Values that stand for larger ones, which they become where they meet another operand.
  private var unrepeated: Set<Value> = []
  private var takenNames: Set<String> = []
  private var initializerNames: [Initializer: String] = [:]

  private struct Initializer: Hashable {
    let value: Value
    let form: ONNXTensorForm
  }

  /// - Parameters:
  ///   - graph: a forward pass for one image, whose input and output are batches.
  ///   - tensors: its weights and states by name.
  init(_ graph: Graph, _ tensors: [String: Tensor], opset: ONNXOpset) throws {
    self.graph = graph
    self.opset = opset
    known = try graph.knownValues(tensors)
    fusion = ONNXFusion(graph)
    result = ONNXGraph(name: graph.name)
    for parameter in graph.parameters where !parameter.kind.isPersistent {
      names[parameter.value] = uniqueName(parameter.name)
    }
  }

  /// Translates every node.
  ///
  /// - Throws: `ONNXError.unsupportedOperation`.
  mutating func translate() throws(ONNXError) {
    for (index, node) in graph.nodes.enumerated()
    where !fusion.absorbed.contains(index) && known[node.results[0]] == nil {
      switch fusion.fused[index] {
      case .biasedConvolution(let convolution, let bias):
        try append(convolution, bias: bias, node.result)
      case .mean(let operand, let axes): try appendMean(operand, axes, node.result)
      case .leakyReLU(let operand, let slope):
        try append("LeakyRelu", [operand], node.result, [.init(name: "alpha", value: .number(Float(slope)))])
      case nil: try append(node)
      }
    }
    for output in graph.outputs {
      let name = try name(of: output.value)
      result.nodes.append(
        ONNXNode(type: "Identity", name: output.name, inputs: [name], outputs: [output.name]))
    }
  }

  // MARK: Names

  /// What a value that is computed at a run is called.
  func name(of value: Value) throws(ONNXError) -> String {
    guard let name = names[value], !unrepeated.contains(value) else {
      throw .unsupportedOperation("broadcast")
    }
    return name
  }

  /// What an operand of an operation that repeats its operands itself is called.
  mutating func repeatedName(of value: Value) throws(ONNXError) -> String {
    if let tensor = known[value] {
      return initializer(value, tensor.shape.rank == 5 ? .channelsFirst : .asItIs)
    }
    guard let name = names[value] else { throw .unsupportedOperation("constant") }
    return name
  }

  private mutating func uniqueName(_ wanted: String) -> String {
    var (name, count) = (wanted, 1)
    while !takenNames.insert(name).inserted {
      count += 1
      name = "\(wanted)_\(count)"
    }
    return name
  }

  // MARK: Constants

  /// The name of a known value as an initializer.
  mutating func initializer(_ value: Value, _ form: ONNXTensorForm) -> String {
    let key = Initializer(value: value, form: form)
    if let name = initializerNames[key] { return name }
    let tensor = form.tensor(known[value]!)
    let name = uniqueName(source(of: value) ?? "constant")
    initializerNames[key] = name
    result.initializers.append(
      ONNXTensor(name: name, extents: tensor.extents, elements: .floats(tensor.elements)))
    return name
  }

  /// The name of a list of integers as an initializer.
  mutating func initializer(_ integers: [Int], _ wanted: String) -> String {
    let name = uniqueName(wanted)
    result.initializers.append(
      ONNXTensor(name: name, extents: [integers.count], elements: .integers(integers)))
    return name
  }

  /// The weight that a known value was made of first.
  private func source(of value: Value) -> String? {
    if let parameter = graph.parameters.first(where: { $0.value == value }) { return parameter.name }
    guard let node = graph.nodes.first(where: { $0.results.contains(value) }) else { return nil }
    for operand in node.operands { if let name = source(of: operand) { return name } }
    return nil
  }

  func isKnown(_ value: Value) -> Bool { known[value] != nil }

  func shape(of value: Value) -> Shape { graph.type(of: value).shape }

  // MARK: Nodes

  /// Appends an operation on computed values.
  mutating func append(
    _ type: String, _ operands: [Value], _ value: Value, _ attributes: [ONNXNode.Attribute] = []
  ) throws(ONNXError) {
    var inputs: [String] = []
    for operand in operands { inputs.append(try name(of: operand)) }
    append(type, named: inputs, value, attributes)
  }

  /// Appends an operation on named tensors.
  ///
  /// - Parameter wanted: the node's name; nil for one by its type.
  mutating func append(
    _ type: String, named inputs: [String], _ value: Value, _ attributes: [ONNXNode.Attribute] = [],
    as wanted: String? = nil
  ) {
    let name = uniqueName(wanted ?? "\(type)_\(value.id)")
    names[value] = name
    result.nodes.append(
      ONNXNode(type: type, name: name, inputs: inputs, outputs: [name], attributes: attributes))
  }

  /// Lets a value be what another is, of which it repeats elements.
  mutating func leaveUnrepeated(_ value: Value, named name: String) {
    names[value] = name
    unrepeated.insert(value)
  }

  func isUnrepeated(_ value: Value) -> Bool { unrepeated.contains(value) }
}

/// How a tensor becomes an initializer.
enum ONNXTensorForm: Hashable {
  case asItIs
  /// `[N, D, H, W, C]` as `[N, C, D, H, W]`.
  case channelsFirst
  /// `[C]` as `[C, 1, 1, 1]`, which meets a batch along its channels.
  case channels
  /// A convolution's `[KD, KH, KW, I, O]` as `[O, I, KD, KH, KW]`, and with that a transposed one's as
  /// `[inputs, outputs, KD, KH, KW]`.
  case kernel

  func tensor(_ tensor: Tensor) -> (extents: [Int], elements: [Float]) {
    switch self {
    case .asItIs: (tensor.shape.extents, tensor.elements)
    case .channelsFirst: tensor.permuted([0, 4, 1, 2, 3])
    case .channels: (tensor.shape.extents + [1, 1, 1], tensor.elements)
    case .kernel: tensor.permuted([4, 3, 0, 1, 2])
    }
  }
}

extension Tensor {
  /// The elements with the axes in another order.
  fileprivate func permuted(_ axes: [Int]) -> (extents: [Int], elements: [Float]) {
    let extents = axes.map { shape[$0] }
    let strides = axes.map { shape.rowMajorStrides[$0] }
    var permuted: [Float] = []
    permuted.reserveCapacity(elements.count)
    func visit(_ axis: Int, _ offset: Int) {
      guard axis < extents.count else { return permuted.append(elements[offset]) }
      for index in 0..<extents[axis] { visit(axis + 1, offset + index * strides[axis]) }
    }
    visit(0, 0)
    return (extents, permuted)
  }
}
