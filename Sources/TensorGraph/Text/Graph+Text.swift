extension Value: CustomStringConvertible {
  /// As StableHLO writes it: `%12`.
  public var description: String { "%\(id)" }
}

extension Graph: CustomStringConvertible {
  /// The graph as text, one line per parameter, node, output and update, in their order:
  ///
  ///     graph "name" {
  ///       %0 = input "image" : tensor<1x4x4x4x1xf32>
  ///       %1 = weight "head.weights" : tensor<1x1x1x1x3xf32>
  ///       %2 = convolution(%0, %1) {window = ...} : tensor<1x4x4x4x3xf32>
  ///       output "y" = %2
  ///       update "weight name" = %3
  ///     }
  ///
  /// The words follow StableHLO's text; the graph is not a StableHLO program.
  public var description: String {
    let lines =
      parameters.map(line) + nodes.map(line)
      + outputs.map { "output \(quoted($0.name)) = \($0.value)" }
      + updates.map { "update \(target($0)) = \($0.value)" }
    return (["graph \(quoted(name)) {"] + lines.map { "  " + $0 } + ["}"]).joined(separator: "\n")
  }

  private func line(_ parameter: Parameter) -> String {
    "\(parameter.value) = \(parameter.kind.rawValue) \(quoted(parameter.name)) : \(type(of: parameter.value))"
  }

  private func line(_ node: Node) -> String {
    let attributes = node.operation.attributes.map { " {\($0)}" } ?? ""
    return joined(node.results) + " = \(node.operation.name)(\(joined(node.operands)))" + attributes + " : "
      + node.results.map { type(of: $0).description }.joined(separator: ", ")
  }

  private func target(_ update: Update) -> String {
    parameters.first { $0.value == update.parameter }.map { quoted($0.name) } ?? "\(update.parameter)"
  }

  private func joined(_ values: [Value]) -> String {
    values.map(\.description).joined(separator: ", ")
  }

  /// The name in quotes, with quotes and line breaks in it escaped.
  private func quoted(_ name: String) -> String { name.debugDescription }
}
