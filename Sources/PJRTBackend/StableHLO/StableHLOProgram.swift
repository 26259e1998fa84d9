import TensorGraph

/// A graph as a StableHLO module.
///
/// Its function takes the graph's parameters in their order and returns the outputs, then the new content of what the
/// graph updates; weights and state in their stored types. Parameters that are updated are donated: their memory becomes
/// that of their new content.
public struct StableHLOProgram: Sendable {
  public let text: String
  /// The types of the results: outputs, then updates.
  public let resultTypes: [TensorType]

  /// - Parameters:
  ///   - graph: to translate.
  ///   - replicaCount: the replicas that run the program together, and average over each other.
  ///   - allowsTF32: whether float32 convolutions may run in TF32 where the device has it.
  public init(_ graph: Graph, replicaCount: Int = 1, allowsTF32: Bool = true) {
    var lowering = StableHLOLowering(graph, replicaCount: replicaCount, allowsTF32: allowsTF32)
    for node in graph.nodes { lowering.lower(node) }
    let outputs = graph.outputs.map { lowering.value($0.value) }
    let results = outputs + graph.updates.map { lowering.stored($0.value) }
    resultTypes = results.map(\.type)
    let types = resultTypes.map(\.stableHLO).joined(separator: ", ")
    let lines =
      [
        "module @program attributes {mhlo.num_replicas = \(replicaCount) : i32, mhlo.num_partitions = 1 : i32} {",
        "  func.func public @main(\(Self.arguments(graph))) -> (\(types)) {",
      ] + lowering.writer.lines.map { "    " + $0 } + [
        "    return\(results.isEmpty ? "" : " \(results.names) : \(types)")", "  }", "}",
      ]
    text = lines.joined(separator: "\n") + "\n"
  }

  private static func arguments(_ graph: Graph) -> String {
    graph.parameters.enumerated().map { index, parameter in
      let update = graph.updates.firstIndex { $0.parameter == parameter.value }
      let donation = update.map { " {tf.aliasing_output = \(graph.outputs.count + $0) : i32}" } ?? ""
      let type = parameter.typeOnDevice(graph.type(of: parameter.value))
      return "%arg\(index): \(type.stableHLO)\(donation)"
    }.joined(separator: ", ")
  }
}
