import GraphCases
import PJRTBackend
import TensorGraph
import Testing

/// Every case of the catalogue, in each of its dtypes, against the interpreter.
@Suite(.enabled(if: CPUPlugin.isThere, CPUPlugin.whereToGetIt)) struct OperationTests {
  @Test(arguments: allGraphCases.filter { !casesOtherwiseOnXLACPU.contains($0.name) })
  func agreesWithTheInterpreter(_ graphCase: GraphCase) throws {
    let executor = try PJRTExecutor(try CPUPlugin.client())
    let expected = try CaseRun(graphCase, on: Interpreter())
    let found = try CaseRun(graphCase, on: executor)
    #expect(found.differences(from: expected, tolerance: graphCase.tolerance) == [])
  }

  /// Cases that were renamed would slip through.
  @Test func knownDifferencesAreCasesOfTheCatalogue() {
    #expect(casesOtherwiseOnXLACPU.isSubset(of: allGraphCases.map(\.name)))
  }
}
