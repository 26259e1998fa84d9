import CPUBackend
import GraphCases
import TensorGraph
import Testing

/// The direct algorithm on odd shapes, against the interpreter, whose sums are in float64: filters wider than the grid,
/// strides, dilations, 1 to 40 channels, batches of 1 to 5.
@Suite(.serialized) struct DirectConvolutionTests {
  @Test(arguments: randomConvolutionCases(count: 24, seed: 16), [1, 3, 8])
  func agreesWithTheInterpreter(_ graphCase: GraphCase, threads: Int) throws {
    let executor = try CPUExecutor(threadCount: threads, convolutions: .always(.direct))
    let differences = try CaseRun(graphCase, on: executor).differences(
      from: try CaseRun(graphCase, on: Interpreter()), tolerance: 2e-6)
    #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
  }

  /// Half precision is computed on every processor, in float32, where it is not fast, too.
  @Test(
    arguments: allGraphCases.filter { graphCase in !possibleCases.contains { $0.name == graphCase.name } })
  func halfPrecisionAgreesWithTheInterpreter(_ graphCase: GraphCase) throws {
    let differences = try CaseRun(graphCase, on: try CPUExecutor(threadCount: 2)).differences(
      from: try CaseRun(graphCase, on: Interpreter()), tolerance: graphCase.tolerance)
    #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
  }

  /// Whoever takes an item, and however busy the machine is, the bits are the same.
  @Test(arguments: randomConvolutionCases(count: 4, seed: 61), [2, 8])
  func bitsDependOnTheNumberOfThreadsOnly(_ graphCase: GraphCase, threads: Int) throws {
    func run() throws -> CaseRun {
      try CaseRun(graphCase, on: try CPUExecutor(threadCount: threads, convolutions: .always(.direct)))
    }
    let first = try run()
    for _ in 0..<5 { #expect(try run().differences(from: first, tolerance: 0).isEmpty) }
  }
}
