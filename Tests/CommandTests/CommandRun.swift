import Foundation

/// A run of the `vnet` command: a process with arguments, an exit status and two outputs.
struct CommandRun {
  let status: Int32
  let output: String
  let errors: String

  /// The command, built beside the test bundle.
  private static let command = Bundle.module.bundleURL.deletingLastPathComponent().appendingPathComponent(
    "vnet")

  /// - Parameter environment: variables beside those of this process, or in their place.
  init(_ arguments: [String], environment: [String: String] = [:]) throws {
    let process = Process()
    process.executableURL = Self.command
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    // Errors are short: to read the output first cannot block the process.
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let errorText = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    status = process.terminationStatus
    self.output = String(decoding: text, as: UTF8.self)
    self.errors = String(decoding: errorText, as: UTF8.self)
  }
}
