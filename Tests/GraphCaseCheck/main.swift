// Runs the catalogue on a backend and on the reference interpreter and prints what differs. A process of its own,
// so that VNET_INSTRUCTION_SET can be another.
//
//   graph-case-check [--plugin PATH] [--random COUNT SEED] [PART-OF-A-NAME]
//
// With a PJRT plugin it runs on that plugin's first device, otherwise on the CPU backend. --random takes so many
// convolutions of odd shapes in place of the catalogue. The last line is a number that all bits found decide.

import CPUBackend
import Foundation
import GraphCases
import PJRTBackend
import SeededRandom
import TensorGraph

/// A fresh executor, and what is particular about it.
typealias Setting = (name: String, makeExecutor: () throws -> any Executor)

func cpuSettings(_ graphCase: GraphCase) -> [Setting] {
  let algorithms: [ConvolutionAlgorithm] = graphCase.hasConvolution ? ConvolutionAlgorithm.all : [.direct]
  var settings: [Setting] = []
  for threads in [1, 2] {
    for algorithm in algorithms {
      settings.append(
        (
          "\(threads) threads, \(algorithm), ",
          { try CPUExecutor(threadCount: threads, convolutions: .always(algorithm)) }
        ))
    }
  }
  return settings
}

/// A number that all bits of some tensors decide, one after the other, but for those that tell one NaN from another.
struct BitDigest {
  private var hash = StableHash()

  var value: UInt64 { hash.value }

  mutating func add(_ run: CaseRun) {
    for outputs in run.outputs {
      for (_, tensor) in outputs.sorted(by: { $0.key < $1.key }) {
        for element in tensor.elements {
          hash.add(element.isNaN ? Float.nan.bitPattern : element.bitPattern)
        }
      }
    }
  }
}

/// - Parameter digest: of all that was found so far.
func differences(
  _ graphCase: GraphCase, _ settings: [Setting], _ digest: inout BitDigest
) -> [String] {
  do {
    let expected = try CaseRun(graphCase, on: Interpreter())
    var lines: [String] = []
    for setting in settings {
      let found = try CaseRun(graphCase, on: try setting.makeExecutor())
      digest.add(found)
      let differences = found.differences(from: expected, tolerance: graphCase.tolerance)
      lines += differences.map { setting.name + $0 }
    }
    return lines
  } catch {
    return ["\(error)"]
  }
}

var arguments = Array(CommandLine.arguments.dropFirst())
var client: PJRTClient?
if arguments.first == "--plugin", arguments.count > 1 {
  client = try PJRTClient(try PJRTPlugin(path: arguments[1]))
  arguments.removeFirst(2)
}
var catalogue = allGraphCases
if arguments.first == "--random", arguments.count > 2, let count = Int(arguments[1]),
  let seed = UInt64(arguments[2])
{
  catalogue = randomConvolutionCases(count: count, seed: seed)
  arguments.removeFirst(3)
}
let part = arguments.first ?? ""
let device: any Executor = try client.map { try PJRTExecutor($0) } ?? CPUExecutor()
let leftOut = client?.platform == "cpu" ? casesOtherwiseOnXLACPU : []
let cases = catalogue.filter {
  $0.isPossible(on: device) && !leftOut.contains($0.name) && (part.isEmpty || $0.name.contains(part))
}
var digest = BitDigest()
let failures = cases.flatMap { graphCase in
  // Unbuffered: the last name tells where a crash was.
  FileHandle.standardError.write(Data("\(graphCase.name)\n".utf8))
  let settings = client.map { client in [("", { try PJRTExecutor(client) })] } ?? cpuSettings(graphCase)
  return differences(graphCase, settings, &digest).map { "\(graphCase.name): \($0)" }
}
for failure in failures { print(failure) }
print("\(device.summary): \(cases.count) cases, \(failures.count) failures")
print("bits \(String(digest.value, radix: 16))")
exit(failures.isEmpty && !cases.isEmpty ? 0 : 1)
