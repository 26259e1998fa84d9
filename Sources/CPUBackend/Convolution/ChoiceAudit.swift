import TensorGraph

/// One convolution of a graph: which algorithm was chosen without measuring its extents, which one measuring them would
/// have chosen, and what each takes, measured once more: whoever chooses by a measurement must not be judged by it.
package struct ChoiceAudit {
  package let problem: String
  /// How often the graph has it.
  package let count: Int
  package let chosen: ConvolutionAlgorithm
  package let chosenByMeasuring: ConvolutionAlgorithm
  package let measured: [ConvolutionAlgorithm: Double]
  package let modelled: [ConvolutionAlgorithm: Double]

  /// The time of the graph's convolutions of this kind, as they were chosen and as measuring would have chosen.
  package var seconds: (chosen: Double, byMeasuring: Double) {
    (Double(count) * measured[chosen]!, Double(count) * measured[chosenByMeasuring]!)
  }
}

extension CPUExecutor {
  /// Compares the choices for a graph with those that measuring each of its convolutions makes.
  package func auditChoices(of graph: Graph) throws -> [ChoiceAudit] {
    _ = try compileForCPU(graph)
    let weightsChange = graph.changesWeights
    let problems = graph.nodes.compactMap { ConvolutionProblem($0, in: graph) }
    let counts = Dictionary(problems.map { ($0, 1) }, uniquingKeysWith: +)
    return try counts.sorted { $0.key.description < $1.key.description }.compactMap { problem, count in
      guard let chosen = measuredChoices[problem.description].flatMap(ConvolutionAlgorithm.init(description:))
      else { return nil }
      let first = try measuredSeconds(problem, weightsChange: weightsChange)
      let measured = try measuredSeconds(problem, weightsChange: weightsChange)
      return ChoiceAudit(
        problem: problem.description, count: count, chosen: chosen,
        chosenByMeasuring: first.min { $0.seconds < $1.seconds }!.algorithm,
        measured: Dictionary(uniqueKeysWithValues: measured.map { ($0.algorithm, $0.seconds) }),
        modelled: Dictionary(
          uniqueKeysWithValues: measured.compactMap { algorithm, _ in
            chooser.modelledSeconds(of: algorithm, problem, weightsChange: weightsChange).map {
              (algorithm, $0)
            }
          }))
    }
  }

  private func measuredSeconds(
    _ problem: ConvolutionProblem, weightsChange: Bool
  ) throws -> [(algorithm: ConvolutionAlgorithm, seconds: Double)] {
    try chooser.trials(problem).map { ($0.algorithm, $0.seconds + (weightsChange ? $0.weightSeconds : 0)) }
  }
}

extension ConvolutionProblem {
  /// The problem of a node; nil where it is no convolution.
  fileprivate init?(_ node: Node, in graph: Graph) {
    func type(_ value: Value) -> TensorType { graph.type(of: value) }
    let (direction, window, input, filter, output): (Direction, ConvolutionWindow, Value, Value, Value)
    if case .convolution(let own) = node.operation {
      (direction, window) = (.forward, own)
      (input, filter, output) = (node.operands[0], node.operands[1], node.result)
    } else if case .convolutionInputGradient(let own, _) = node.operation {
      (direction, window) = (.inputGradient, own)
      (input, filter, output) = (node.result, node.operands[1], node.operands[0])
    } else if case .convolutionFilterGradient(let own, _) = node.operation {
      (direction, window) = (.filterGradient, own)
      (input, filter, output) = (node.operands[0], node.result, node.operands[1])
    } else {
      return nil
    }
    self.init(
      direction: direction, window: window, input: type(input), filter: type(filter).shape,
      output: type(output).shape)
  }
}
