import GraphCases
import SeededRandom
import TensorGraph
import Testing

/// Gradients against finite differences: along a random direction d,
///
///     sum(gradient * d) = (loss(x + d) - loss(x - d)) / 2 + O(d^3)
@Suite struct FiniteDifferenceTests {
  private static let cases = allGraphCases.filter { !$0.gradients.isEmpty }

  @Test(arguments: cases)
  func agreesWithCentralDifferences(_ graphCase: GraphCase) throws {
    let outputs = try evaluate(graphCase, graphCase.parameters)
    for (parameter, output) in graphCase.gradients {
      let gradient = try #require(outputs[output])
      try check(graphCase, parameter, gradient)
    }
  }

  private func check(_ graphCase: GraphCase, _ name: String, _ gradient: Tensor) throws {
    let x = try #require(graphCase.parameters[name])
    let direction = direction(x, step: graphCase.difference.step, seed: UInt64(name.count))
    let sides = try [1, -1].map { (sign: Float) in
      try loss(graphCase, name, Tensor(x.type, zip(x.elements, direction).map { $0 + sign * $1 }))
    }
    let expected = (sides[0] - sides[1]) / 2
    let terms = zip(gradient.elements, direction).map { Double($0) * Double($1) }
    let found = terms.reduce(0, +)
    // What the sum of so many terms of either sign comes to, typically. Where the loss does not depend on the
    // parameter (the branch not taken), nothing may differ at all.
    let magnitude = terms.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let allowed = Double(graphCase.difference.tolerance) * magnitude
    #expect(
      abs(found - expected) <= allowed,
      "\(name): the gradient says \(found), the difference \(expected), with \(allowed) allowed")
  }

  /// Random numbers of up to `step` times the parameter's largest magnitude.
  private func direction(_ x: Tensor, step: Float, seed: UInt64) -> [Float] {
    var random = SplitMix64(seed: seed)
    let largest = x.elements.map(\.magnitude).max() ?? 0
    return x.elements.map { _ in Float(random.nextUnit() * 2 - 1) * step * largest }
  }

  /// The loss with one parameter replaced.
  private func loss(_ graphCase: GraphCase, _ name: String, _ tensor: Tensor) throws -> Double {
    var parameters = graphCase.parameters
    parameters[name] = tensor
    let outputs = try evaluate(graphCase, parameters)
    return Double(try #require(outputs["loss"]).elements[0])
  }

  private func evaluate(_ graphCase: GraphCase, _ parameters: [String: Tensor]) throws -> [String: Tensor] {
    let names = Set(graphCase.state.keys)
    let interpreter = Interpreter(parameters.filter { names.contains($0.key) })
    return try interpreter.run(graphCase.graph, parameters)
  }
}

extension GraphCase {
  /// Inputs, weights and state.
  fileprivate var parameters: [String: Tensor] { inputs.merging(state) { $1 } }
}
