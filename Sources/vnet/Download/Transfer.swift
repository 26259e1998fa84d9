import Dispatch
import Foundation
import MedicalImaging
import PlainText

/// A file that curl fetches, and goes on to fetch where an earlier try stopped.
struct Transfer {
  let address: String
  /// The file as far as it is there.
  let part: String

  /// curl's status where a server does not go on in the midst of a file, or the file there is not such a beginning.
  private static let cannotResume: Set<Int32> = [33, 36]

  /// Fetches what is missing.
  ///
  /// - Throws: `DownloadError`; what came until then stays.
  func run() throws {
    guard let curl = ExternalProgram(named: "curl") else { throw DownloadError.noCurl(address: address) }
    let had = size
    if had > 0 {
      standardErrorLine("Note: going on after \(had / 1_000_000) MB that are there (\(part.printable)).")
    }
    var (status, reason) = try outcome(of: curl.path)
    if had > 0, Self.cannotResume.contains(status) || reason.contains("416") {
      standardErrorLine("Note: the server does not go on there; beginning anew.")
      try FileManager.default.removeItem(atPath: part)
      (status, reason) = try outcome(of: curl.path)
    }
    guard status == 0 else {
      throw DownloadError.stopped(
        address: address, reason: reason.isEmpty ? "curl ended with status \(status)" : reason,
        byteCount: size)
    }
  }

  private var size: Int {
    ((try? FileManager.default.attributesOfItem(atPath: part))?[.size] as? Int) ?? 0
  }

  private func outcome(of curl: String) throws -> (status: Int32, reason: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: curl)
    let isTerminal = isatty(STDERR_FILENO) == 1
    let redirection = address.hasPrefix("https:") ? "=https" : "=http,https"
    process.arguments = [
      "--fail", "--location", "--proto", "=http,https", "--proto-redir", redirection, "--connect-timeout",
      "30",
      "--speed-limit", "1", "--speed-time", "60", "--retry", "2", "--continue-at", "-", "--output", part,
      "--write-out", "%{errormsg}", isTerminal ? "--progress-bar" : "--silent", "--url", address,
    ]
    let output = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    if !isTerminal { process.standardError = FileHandle.nullDevice }
    try process.run()
    let signals = [SIGINT, SIGTERM].map { end(process, at: $0) }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    for signal in signals { signal.cancel() }
    for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
    return (process.terminationStatus, text.trimmingCharacters(in: .whitespacesAndNewlines))
  }

  /// Ends curl, which does not hear the terminal's Ctrl-C itself, and this program with a signal.
  private func end(_ process: Process, at number: Int32) -> any DispatchSourceSignal {
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler {
      process.terminate()
      standardErrorLine("\nStopped; the same command goes on from there.")
      signal(number, SIG_DFL)
      raise(number)
    }
    source.resume()
    return source
  }
}
