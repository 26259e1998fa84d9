/// Something that reads values and defines others: a node of a graph, or what a backend made of some.
package protocol ValueFlow {
  var operands: [Value] { get }
  var results: [Value] { get }
}

extension Node: ValueFlow {}

/// Who computes and who reads each value of a program: the one place where that is found out.
///
/// Nodes are known by their index. What a run gives back or keeps (outputs, updates) is read behind the last node.
package struct DefUse: Sendable {
  private var producers: [Int?]
  /// For each value the nodes that read it, in their order, each as often as it does.
  private var users: [[Int]]
  /// For each value, how many outputs and updates read it.
  private var keptCounts: [Int]

  package init(_ graph: Graph) {
    producers = Array(repeating: nil, count: graph.types.count)
    users = Array(repeating: [], count: graph.types.count)
    keptCounts = Array(repeating: 0, count: graph.types.count)
    for (index, node) in graph.nodes.enumerated() {
      for operand in node.operands { users[operand.id].append(index) }
      for result in node.results { producers[result.id] = index }
    }
    for value in graph.outputs.map(\.value) + graph.updates.map(\.value) { keptCounts[value.id] += 1 }
  }

  /// The node that computes a value; nil for a parameter.
  package func producer(of value: Value) -> Int? { producers[value.id] }

  /// The nodes that read a value, in their order, each as often as it does.
  package func users(of value: Value) -> [Int] { users[value.id] }

  /// Whether an output or an update reads a value.
  package func isKept(_ value: Value) -> Bool { keptCounts[value.id] > 0 }

  /// The only reader of a value, where that is a node that reads it once.
  package func onlyUser(of value: Value) -> Int? {
    users[value.id].count == 1 && !isKept(value) ? users[value.id][0] : nil
  }

  /// The node that computes a value which nobody reads but one node, once.
  package func onlyProducer(of value: Value) -> Int? {
    onlyUser(of: value) == nil ? nil : producers[value.id]
  }

  // MARK: Programs that change

  /// Makes room for a value that no graph has.
  package mutating func addValue() {
    producers.append(nil)
    users.append([])
    keptCounts.append(0)
  }

  /// Takes account of a node that is gone.
  package mutating func remove(_ flow: some ValueFlow, at index: Int) {
    for operand in flow.operands { users[operand.id].removeAll { $0 == index } }
    for result in flow.results { producers[result.id] = nil }
  }

  /// Takes account of a new node.
  package mutating func insert(_ flow: some ValueFlow, at index: Int) {
    for operand in flow.operands {
      let place = users[operand.id].firstIndex { $0 > index } ?? users[operand.id].count
      users[operand.id].insert(index, at: place)
    }
    for result in flow.results { producers[result.id] = index }
  }
}
