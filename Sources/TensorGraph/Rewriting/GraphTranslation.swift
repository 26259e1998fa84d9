/// A graph under reconstruction, node by node out of another one: the one way in which passes rebuild graphs.
///
/// A pass walks the source's nodes and says of each what becomes of it: `copy` takes it over, `replace` puts other
/// values in the place of its results. The translation knows what each value has become; parameters, outputs and
/// updates follow by themselves. The new graph's values are numbered in the order of their definition.
struct GraphTranslation {
  let source: Graph
  /// Appends to the new graph.
  var builder: GraphBuilder
  private var translated: [Value?]

  /// - Parameter isNeeded: the parameters to declare.
  init(_ source: Graph, parameters isNeeded: (Parameter) -> Bool = { _ in true }) {
    self.source = source
    builder = GraphBuilder(name: source.name)
    translated = Array(repeating: nil, count: source.types.count)
    for parameter in source.parameters where isNeeded(parameter) {
      translated[parameter.value.id] = builder.parameter(
        parameter.name, parameter.kind, source.type(of: parameter.value))
    }
  }

  /// What a value of the source has become.
  subscript(value: Value) -> Value {
    get {
      guard let new = translated[value.id] else {
        preconditionFailure("value \(value.id) is read before it is translated")
      }
      return new
    }
    set { translated[value.id] = newValue }
  }

  /// Takes a node over as it is; its operands have kept their types.
  mutating func copy(_ node: Node) {
    let operands = node.operands.map { self[$0] }
    replace(node, with: builder.append(node.operation, operands, node.results.map(source.type)))
  }

  /// Lets values of the new graph stand for the results of a node.
  mutating func replace(_ node: Node, with values: [Value]) {
    for (old, new) in zip(node.results, values) { self[old] = new }
  }

  /// The new graph, once every node is translated.
  mutating func finished() -> Graph {
    for output in source.outputs { builder.output(output.name, self[output.value]) }
    for update in source.updates { builder.update(self[update.parameter], with: self[update.value]) }
    return builder.graph
  }
}
