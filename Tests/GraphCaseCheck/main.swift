// Runs the catalogue on the CPU backend and on the reference interpreter and prints what differs. A process of
// its own, because oneDNN reads ONEDNN_MAX_CPU_ISA once, when it starts.
//
//   graph-case-check [PART-OF-A-NAME]

import CPUBackend
import Foundation
import GraphCases
import TensorGraph

func differences(_ graphCase: GraphCase) -> [String] {
  do {
    let expected = try CaseRun(graphCase, on: Interpreter())
    var lines: [String] = []
    let algorithms = graphCase.hasConvolution ? ConvolutionAlgorithm.all : [.direct]
    for (threads, algorithm) in [1, 2].flatMap({ count in algorithms.map { (count, $0) } }) {
      let executor = try CPUExecutor(threadCount: threads, convolutions: .always(algorithm))
      let found = try CaseRun(graphCase, on: executor)
      let differences = found.differences(from: expected, tolerance: graphCase.tolerance)
      lines += differences.map { "\(threads) threads, \(algorithm), \($0)" }
    }
    return lines
  } catch {
    return ["\(error)"]
  }
}

let part = CommandLine.arguments.dropFirst().first ?? ""
let device = try CPUExecutor()
let cases = allGraphCases.filter { $0.isPossible(on: device) && (part.isEmpty || $0.name.contains(part)) }
let failures = cases.flatMap { graphCase in
  // Unbuffered: the last name tells where a crash was.
  FileHandle.standardError.write(Data("\(graphCase.name)\n".utf8))
  return differences(graphCase).map { "\(graphCase.name): \($0)" }
}
for failure in failures { print(failure) }
print("\(device.summary): \(cases.count) cases, \(failures.count) failures")
exit(failures.isEmpty && !cases.isEmpty ? 0 : 1)
