import TensorGraph

/// Which nodes of a graph one primitive or kernel computes together. Keys and values are node indices.
struct Fusions {
  /// A convolution or a transposed one, to the bias addition that is its only use.
  private(set) var biasOfConvolution: [Int: Int] = [:]
  /// A convolution, to what follows it and its bias.
  private(set) var tailOfConvolution: [Int: Tail] = [:]
  /// A filter gradient, to the channel sum of the same cotangent: the bias gradient.
  private(set) var biasOfFilterGradient: [Int: Int] = [:]
  /// A batch norm in training, to the ReLU that is its result's only use.
  private(set) var reluOfBatchNorm: [Int: Int] = [:]
  /// A batch norm in training, to the addition to its (or its ReLU's) result, and what that adds.
  private(set) var additionOfBatchNorm: [Int: (node: Int, other: Value)] = [:]
  /// A batch-norm gradient, to the ReLU gradient before it (of a ReLU fused into that batch norm).
  private(set) var reluOfBatchNormGradient: [Int: Int] = [:]
  /// A sum over all elements, to the square that is its operand.
  private(set) var squareOfSum: [Int: Int] = [:]
  /// An addition, to the broadcast over channels that is one of its operands.
  private(set) var broadcastOfAddition: [Int: Int] = [:]
  /// A half-precision filter gradient, to the cast to float32 that is its result's only use.
  private(set) var castOfFilterGradient: [Int: Int] = [:]
  /// Nodes that another node computes.
  private(set) var absorbed: Set<Int> = []
  /// For each value, the nodes that read it; outputs and updates count as node `graph.nodes.count`.
  private(set) var users: [[Int]]
  /// For each value, the last node at which its memory is read: by its users, by the nodes that absorbed them,
  /// or through a reshape, which shares it.
  private(set) var lastReads: [Int] = []
  /// For each value, the node that computes it.
  private(set) var producers: [Int?]

  /// A ReLU and an addition, or one of them, in this order.
  struct Tail {
    var relu: Int?
    var addition: (node: Int, other: Value)?

    /// The node whose result comes out.
    var last: Int { addition?.node ?? relu! }
  }

  private let graph: Graph

  init(_ graph: Graph) {
    self.graph = graph
    users = Array(repeating: [], count: graph.types.count)
    producers = Array(repeating: nil, count: graph.types.count)
    for (index, node) in graph.nodes.enumerated() {
      for operand in node.operands { users[operand.id].append(index) }
      for result in node.results { producers[result.id] = index }
    }
    let end = graph.nodes.count
    for value in graph.outputs.map(\.value) + graph.updates.map(\.value) { users[value.id].append(end) }
    for index in graph.nodes.indices { match(index) }
    for index in graph.nodes.indices { matchAddition(index, graph.nodes[index]) }
    for index in graph.nodes.indices { matchTail(index, graph.nodes[index]) }
    lastReads = measureLastReads()
  }

  /// For each absorbed node, the node that computes it.
  private var hosts: [Int: Int] {
    var hosts: [Int: Int] = [:]
    for fusion in [
      biasOfConvolution, biasOfFilterGradient, reluOfBatchNorm, reluOfBatchNormGradient, squareOfSum,
      broadcastOfAddition, castOfFilterGradient,
    ] {
      for (host, absorbed) in fusion { hosts[absorbed] = host }
    }
    for (host, addition) in additionOfBatchNorm { hosts[addition.node] = host }
    for (host, tail) in tailOfConvolution {
      for node in [tail.relu, tail.addition?.node].compactMap({ $0 }) { hosts[node] = host }
    }
    return hosts
  }

  private func measureLastReads() -> [Int] {
    let hosts = hosts
    var lastReads = users.map { $0.map { max($0, hosts[$0] ?? $0) }.max() ?? -1 }
    for node in graph.nodes.reversed() {
      switch node.operation {
      case .reshape, .cast: break
      default: continue
      }
      let operand = node.operands[0].id
      lastReads[operand] = max(lastReads[operand], lastReads[node.result.id])
    }
    return lastReads
  }

  private mutating func match(_ index: Int) {
    let node = graph.nodes[index]
    switch node.operation {
    case .biasAdd: matchBias(index, node)
    case .relu: matchReLU(index, node)
    case .batchNormGradient: matchBatchNormGradient(index, node)
    case .convolutionFilterGradient:
      matchBiasGradient(index, node)
      matchWideFilterGradient(index, node)
    case .reduceSum(let axes): matchSquare(index, node, axes)
    case .binary(.add): matchBroadcast(index, node)
    default: break  // Fusions are optional: an operation that none names is computed by itself.
    }
  }

  /// The node that computes `value`, when nothing but the node `user` reads it.
  private func onlyProducer(of value: Value, for user: Int) -> Int? {
    users[value.id] == [user] ? producers[value.id] : nil
  }

  /// What a cast to half precision was made of; the value itself where none was.
  func uncast(_ value: Value) -> Value {
    guard let producer = producers[value.id], case .cast = graph.nodes[producer].operation else {
      return value
    }
    let operand = graph.nodes[producer].operands[0]
    return graph.type(of: operand).dtype == .f32 ? operand : value
  }

  private mutating func matchBias(_ index: Int, _ node: Node) {
    // A primitive in half precision takes the float32 bias as it is.
    guard let producer = onlyProducer(of: node.operands[0], for: index),
      producers[uncast(node.operands[1]).id] ?? -1 < producer
    else { return }
    switch graph.nodes[producer].operation {
    case .convolution, .convolutionInputGradient: break
    default: return
    }
    biasOfConvolution[producer] = index
    absorbed.insert(index)
  }

  private mutating func matchReLU(_ index: Int, _ node: Node) {
    guard let producer = onlyProducer(of: node.operands[0], for: index),
      case .batchNormTraining = graph.nodes[producer].operation,
      graph.nodes[producer].results[0] == node.operands[0]
    else { return }
    reluOfBatchNorm[producer] = index
    absorbed.insert(index)
  }

  /// An addition to the result of a batch norm, or of its ReLU, which nothing else reads but gradients that other
  /// nodes compute; the other operand must be there before the batch norm.
  private mutating func matchAddition(_ index: Int, _ node: Node) {
    guard node.operation == .binary(.add), !absorbed.contains(index), node.operands[0] != node.operands[1],
      graph.type(of: node.operands[0]) == graph.type(of: node.operands[1])
    else { return }
    for (value, other) in [(node.operands[0], node.operands[1]), (node.operands[1], node.operands[0])] {
      guard let producer = producers[value.id],
        users[value.id].allSatisfy({ $0 == index || absorbed.contains($0) })
      else { continue }
      let batchNorm = reluOfBatchNorm.first { $0.value == producer }?.key ?? producer
      guard case .batchNormTraining = graph.nodes[batchNorm].operation,
        graph.nodes[batchNorm].results[0] == value || batchNorm != producer,
        producers[other.id] ?? -1 < batchNorm
      else { continue }
      additionOfBatchNorm[batchNorm] = (index, other)
      absorbed.insert(index)
      return
    }
  }

  private mutating func matchTail(_ index: Int, _ node: Node) {
    guard case .convolution = node.operation else { return }
    var tail = Tail()
    var value = biasOfConvolution[index].map { graph.nodes[$0].result } ?? node.result
    if let relu = onlyUser(of: value), graph.nodes[relu].operation == .relu {
      tail.relu = relu
      value = graph.nodes[relu].result
    }
    if let user = onlyUser(of: value), let other = addend(graph.nodes[user], to: value, before: index) {
      tail.addition = (user, other)
    }
    guard tail.relu != nil || tail.addition != nil else { return }
    tailOfConvolution[index] = tail
    absorbed.formUnion([tail.relu, tail.addition?.node].compactMap { $0 })
  }

  /// What an addition adds to a value, where that is there before node `index`.
  private func addend(_ node: Node, to value: Value, before index: Int) -> Value? {
    guard node.operation == .binary(.add), node.operands[0] != node.operands[1] else { return nil }
    let other = node.operands[0] == value ? node.operands[1] : node.operands[0]
    guard graph.type(of: other) == graph.type(of: value), producers[other.id] ?? -1 < index else {
      return nil
    }
    return other
  }

  /// The only node that reads a value, unless another node computes it already.
  private func onlyUser(of value: Value) -> Int? {
    guard users[value.id].count == 1, let user = users[value.id].first, user < graph.nodes.count,
      !absorbed.contains(user), broadcastOfAddition[user] == nil
    else { return nil }
    return user
  }

  private mutating func matchBatchNormGradient(_ index: Int, _ node: Node) {
    guard let batchNorm = producers[node.operands[2].id], let relu = reluOfBatchNorm[batchNorm],
      graph.nodes[batchNorm].operands[0] == node.operands[0],
      let gradient = onlyProducer(of: node.operands[4], for: index),
      graph.nodes[gradient].operation == .reluGradient,
      graph.nodes[gradient].operands[0] == graph.nodes[relu].result
    else { return }
    reluOfBatchNormGradient[index] = gradient
    absorbed.insert(gradient)
  }

  private mutating func matchWideFilterGradient(_ index: Int, _ node: Node) {
    guard users[node.result.id].count == 1, let user = users[node.result.id].first, user < graph.nodes.count,
      graph.nodes[user].operation == .cast(.f32)
    else { return }
    castOfFilterGradient[index] = user
    absorbed.insert(user)
  }

  private mutating func matchBiasGradient(_ index: Int, _ node: Node) {
    let cotangent = node.operands[1]
    let widened = users[cotangent.id].filter {
      $0 < graph.nodes.count && graph.nodes[$0].operation == .cast(.f32)
    }
    .map { graph.nodes[$0].result }
    let sum = ([cotangent] + widened).flatMap { users[$0.id] }.first { user in
      guard user < graph.nodes.count, !absorbed.contains(user) else { return false }
      guard graph.nodes[user].operation == .reduceSum(axes: [0, 1, 2, 3]) else { return false }
      // Bias gradients are written in float32.
      guard graph.type(of: graph.nodes[user].result).dtype == .f32 else { return false }
      return users[graph.nodes[user].result.id].allSatisfy { $0 > index }
    }
    guard let sum else { return }
    biasOfFilterGradient[index] = sum
    absorbed.insert(sum)
  }

  private mutating func matchSquare(_ index: Int, _ node: Node, _ axes: [Int]) {
    let operand = node.operands[0]
    guard axes.count == graph.type(of: operand).shape.rank, graph.type(of: operand).dtype == .f32,
      !absorbed.contains(index), let product = onlyProducer(of: operand, for: index),
      graph.nodes[product].operation == .binary(.multiply),
      graph.nodes[product].operands[0] == graph.nodes[product].operands[1]
    else { return }
    squareOfSum[index] = product
    absorbed.insert(product)
  }

  private mutating func matchBroadcast(_ index: Int, _ node: Node) {
    guard node.operands.allSatisfy({ graph.type(of: $0).shape.rank == 5 }) else { return }
    for operand in node.operands {
      guard let producer = onlyProducer(of: operand, for: index),
        [.f32, .bf16].contains(graph.type(of: operand).dtype),
        case .broadcast(let shape, let axes) = graph.nodes[producer].operation,
        shape.rank == 5, axes == [0, 1, 2, 3, 4]
      else { continue }
      var expected = shape
      expected[4] = 1
      guard graph.type(of: graph.nodes[producer].operands[0]).shape == expected else { continue }
      broadcastOfAddition[index] = producer
      absorbed.insert(producer)
      return
    }
  }
}
