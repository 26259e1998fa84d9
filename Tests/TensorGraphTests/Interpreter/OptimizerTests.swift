import TensorGraph
import Testing

/// One weight of 1, a gradient of 2 halved by its scale, a learning rate of 1/2.
@Suite struct OptimizerTests {
  @Test(
    arguments: [
      (.sgd(momentum: 0, nesterov: false), [], [0.5]),
      (.sgd(momentum: 0, nesterov: true), [], [0.5]),
      // v = 0.5 * 4 + 1 = 3
      (.sgd(momentum: 0.5, nesterov: false), [4], [-0.5, 3]),
      (.sgd(momentum: 0.5, nesterov: true), [4], [-0.25, 3]),
      // ms = 2, mg = 1, step = 0.5 / sqrt(2 - 1 + 3) = 0.25
      (.rmsprop(decay: 0.5, epsilon: 3, momentum: 0), [3, 1], [0.75, 2, 1]),
      (.rmsprop(decay: 0.5, epsilon: 3, momentum: 0.5), [3, 1, 1], [0.25, 2, 1, 0.75]),
      // m = 0.5 * 3 + 0.5 = 2, v = 0.75 * 5 + 0.25 = 4, step = 0.5 * 2 / (2 + 2) = 0.25
      (.adam(beta1: 0.5, beta2: 0.75, epsilon: 2), [3, 5], [0.75, 2, 4]),
      // ms = 0.75 * 4 + 0.25 = 3.25, mg = 0.75 * 2 + 0.25 = 1.75: decay and 1 - decay are not exchanged.
      (.rmsprop(decay: 0.75, epsilon: 0.8125, momentum: 0), [4, 2], [0.5, 3.25, 1.75]),
    ] as [(OptimizerRule, [Float], [Float])])
  func oneStep(_ rule: OptimizerRule, _ slots: [Float], _ expected: [Float]) throws {
    var builder = GraphBuilder(name: "step")
    let operands = ([1, 2, 0.5, 0.5] + slots).enumerated().map { index, element in
      (name: "x\(index)", tensor: Tensor(scalar: element))
    }
    let values = operands.map { builder.parameter($0.name, .input, $0.tensor.type) }
    for (index, result) in try builder.apply(.optimizerUpdate(rule), values).enumerated() {
      builder.output("\(index)", result)
    }
    let inputs = Dictionary(uniqueKeysWithValues: operands.map { ($0.name, $0.tensor) })
    let outputs = try Interpreter().run(builder.graph, inputs)
    #expect(expected.indices.map { outputs["\($0)"]!.elements[0] } == expected)
  }

  @Test func eachElementHasItsOwnSlot() throws {
    let rule = OptimizerRule.sgd(momentum: 0.5, nesterov: false)
    let results = try evaluate(
      .optimizerUpdate(rule), Tensor([2], [1, 2]), Tensor([2], [1, 0]), Tensor(scalar: 1), Tensor(scalar: 1),
      Tensor([2], [0, 4]))
    #expect(results == [Tensor([2], [0, 0]), Tensor([2], [1, 2])])
  }
}
