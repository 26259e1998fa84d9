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
    try self.init(Self.command, arguments, environment)
  }

  /// Runs a script of the shell, in which `$VNET` is the command: for what a user does around it.
  ///
  /// - Parameter folder: the working folder.
  init(script: String, in folder: String, environment: [String: String] = [:]) throws {
    let variables = ["VNET": Self.command.path].merging(environment) { $1 }
    try self.init(URL(fileURLWithPath: "/bin/sh"), ["-c", script], variables, in: folder)
  }

  private init(
    _ program: URL, _ arguments: [String], _ environment: [String: String], in folder: String? = nil
  ) throws {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
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
