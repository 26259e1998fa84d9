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

  /// What was found elsewhere under each set, on a Xeon and on an EPYC of the fourth generation (glibc 2.36).
  ///
  /// A kernel that rounds otherwise, or another catalogue, has other bits: `graph-case-check` prints them.
  private static let bitsElsewhere: [InstructionSet: String] = [
    .portable: "1e1f2b0355084d97", .avx2: "d238a98785aa8419", .avx512: "d238a98785aa8419",
    .avx512bf16: "896cb39de1c241dd",
  ]

  /// The catalogue again with each set that the processor has.
  @Test(arguments: InstructionSet.possible)
  func agreesWithTheInterpreter(under set: InstructionSet) throws {
    let (status, text) = try runCheck(["VNET_INSTRUCTION_SET": set.rawValue])
    #expect(status == 0, "\(text)")
    #expect(text.contains("CPU, \(set),"), "\(text)")
    #if arch(x86_64)
      // Others may round a logarithm otherwise.
      if cLibraryVersion == "glibc 2.36" {
        #expect(text.contains("bits \(Self.bitsElsewhere[set]!)\n"), "\(text)")
      }
    #endif
  }

  /// A loss whose terms nearly cancel is rounded in proportion to its terms: these ended the campaign with Winograd's
  /// algorithms.
  @Test(arguments: ["1076442639", "3652108073"])
  func lossOfLargeConvolutionAgrees(_ seed: String) throws {
    let (status, text) = try runCheck(
      ["VNET_INSTRUCTION_SET": InstructionSet.used.rawValue], ["--random", "10", seed])
    #expect(status == 0, "\(text)")
    #expect(text.contains("10 cases, 0 failures"), "\(text)")
  }

  /// One term more or less in a loss is seen.
  @Test func wrongLossIsSeen() throws {
    let graphCase = try #require(randomConvolutionCases(count: 10, seed: 1_076_442_639).last)
    let expected = try CaseRun(graphCase, on: Interpreter(), count: 1)
    var found = expected
    let loss = try #require(expected.outputs[0]["loss"])
    let largest = try #require(expected.outputs[0]["result"]?.elements.map(\.magnitude).max())
    found.outputs[0]["loss"] = Tensor(loss.type, repeating: loss.elements[0] + largest)
    #expect(found.differences(from: expected, tolerance: graphCase.tolerance).count == 1)
    found.outputs[0]["loss"] = Tensor(loss.type, repeating: loss.elements[0] + 1e-4 * largest)
    #expect(found.differences(from: expected, tolerance: graphCase.tolerance).isEmpty)
  }

  /// A set that is unknown, or that the processor has not, is refused.
  @Test func instructionSetThatIsNotThereIsRefused() throws {
    let (status, text) = try runCheck(["VNET_INSTRUCTION_SET": "avx1024"])
    #expect(status != 0 && !text.contains("cases"))
  }

  /// Runs `graph-case-check`, which is built beside the tests; returns its exit status and what it printed.
  private func runCheck(
    _ environment: [String: String], _ arguments: [String] = []
  ) throws -> (status: Int32, text: String) {
    let process = Process()
    let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    process.executableURL = folder.appendingPathComponent("graph-case-check")
    process.arguments = arguments
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
