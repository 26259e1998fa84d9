import CPUBackend
import Foundation
import GraphCases
import TensorGraph
import Testing

/// The catalogue of small graphs on the CPU backend, against the reference interpreter. One at a time: each uses
/// all cores.
@Suite(.serialized) struct OperationTests {
  @Test(arguments: possibleCases)
  func agreesWithTheInterpreter(_ graphCase: GraphCase) throws {
    let expected = try CaseRun(graphCase, on: Interpreter())
    for threads in [1, 2] {
      let found = try CaseRun(graphCase, on: try CPUExecutor(threadCount: threads))
      let differences = found.differences(from: expected, tolerance: graphCase.tolerance)
      #expect(differences.isEmpty, "\(threads) threads: \(differences.joined(separator: "\n"))")
    }
  }

  @Test(arguments: possibleCases.filter(\.hasConvolution), ConvolutionAlgorithm.all.filter { $0 != .direct })
  func agreesWithTheInterpreter(_ graphCase: GraphCase, _ algorithm: ConvolutionAlgorithm) throws {
    let expected = try CaseRun(graphCase, on: Interpreter())
    let executor = try CPUExecutor(threadCount: 2, convolutions: .always(algorithm))
    let found = try CaseRun(graphCase, on: executor)
    let differences = found.differences(from: expected, tolerance: graphCase.tolerance)
    #expect(differences.isEmpty, "\(algorithm): \(differences.joined(separator: "\n"))")
  }

  /// Primitives and layouts depend on the CPU: the catalogue again as on one without AVX-512.
  @Test(.enabled(if: isX86, "AVX2 is a matter of x86"))
  func agreesWithTheInterpreterUnderAVX2() throws {
    let (status, text) = try runCheck(["ONEDNN_MAX_CPU_ISA": "AVX2"])
    #expect(status == 0, "\(text)")
    #expect(text.contains("AVX2,"), "\(text)")
  }

  private static var isX86: Bool {
    #if arch(x86_64)
      true
    #else
      false
    #endif
  }

  /// Runs `graph-case-check`, which is built beside the tests; returns its exit status and what it printed.
  private func runCheck(_ environment: [String: String]) throws -> (status: Int32, text: String) {
    let process = Process()
    let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    process.executableURL = folder.appendingPathComponent("graph-case-check")
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
  }
}
