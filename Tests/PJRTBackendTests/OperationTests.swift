import GraphCases
import PJRTBackend
import TensorGraph
import Testing

/// Every case of the catalogue, in each of its dtypes, against the interpreter.
@Suite(.enabled(if: CPUPlugin.isThere, CPUPlugin.whereToGetIt)) struct OperationTests {
  /// What XLA's CPU compiler does otherwise: it takes numbers below the least normal one for 0, and adds many numbers up
  /// one after the other.
  private static let known: Set<String> = [
    "unary/at the edge of the domain", "cast/f32 to bool", "cast/bf16 to bool", "large/reductions",
  ]

  @Test(arguments: allGraphCases.filter { !known.contains($0.name) })
  func agreesWithTheInterpreter(_ graphCase: GraphCase) throws {
    let executor = try PJRTExecutor(try CPUPlugin.client())
    let expected = try CaseRun(graphCase, on: Interpreter())
    let found = try CaseRun(graphCase, on: executor)
    #expect(found.differences(from: expected, tolerance: graphCase.tolerance) == [])
  }

  /// Cases that were renamed would slip through.
  @Test func knownDifferencesAreCasesOfTheCatalogue() {
    #expect(Self.known.isSubset(of: allGraphCases.map(\.name)))
  }
}
