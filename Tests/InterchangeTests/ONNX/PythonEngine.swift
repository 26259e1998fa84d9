import Foundation
import Testing

/// A Python that has the programs which read what is exported: `$VNET_PYTHON`, else `python3`.
enum PythonEngine: String, CaseIterable, CustomTestStringConvertible {
  case onnxruntime
  case openvino

  static let python = ProcessInfo.processInfo.environment["VNET_PYTHON"] ?? "python3"

  var testDescription: String { rawValue }

  /// Whether the package and what the tests need beside it are there.
  var isThere: Bool { (try? Self.run(["-c", "import numpy, onnx, \(rawValue)"])) == 0 }

  /// Runs Python and returns its exit status.
  static func run(_ arguments: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [python] + arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}
