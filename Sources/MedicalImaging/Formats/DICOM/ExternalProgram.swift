import Foundation

/// A program by others that is run as a process of its own.
public struct ExternalProgram: Equatable, Sendable {
  public let path: String

  /// Finds a program: in `.deps/bin` of a folder above this one, where the set-up puts it, else on the PATH.
  ///
  /// - Parameters:
  ///   - name: the program's, such as dcm2niix.
  ///   - program: the running program.
  ///   - environment: that names the PATH.
  public init?(
    named name: String, program: String = "/proc/self/exe",
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    var folders: [String] = []
    var folder = URL(fileURLWithPath: program).resolvingSymlinksInPath().deletingLastPathComponent()
    while folder.path != "/" {
      folders.append(folder.path + "/.deps/bin")
      folder = folder.deletingLastPathComponent()
    }
    folders += (environment["PATH"] ?? "").split(separator: ":").map(String.init)
    let found = folders.map { $0 + "/" + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
    guard let found else { return nil }
    path = found
  }

  /// What a run gave.
  struct Outcome {
    /// nil where the time was up.
    let status: Int32?
    /// What it printed, errors among it.
    let text: String
  }

  /// Runs the program to its end, or ends it when the time is up.
  ///
  /// - Parameters:
  ///   - folder: one that this run may write to.
  ///   - timeLimit: in seconds.
  /// - Throws: what keeps the program from being started.
  func run(_ arguments: [String], in folder: String, timeLimit: Double = 600) throws -> Outcome {
    let log = URL(fileURLWithPath: folder + "/\(UUID().uuidString).log")
    try Data().write(to: log)
    let output = try FileHandle(forWritingTo: log)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    try process.run()
    let isDone = ended.wait(timeout: .now() + timeLimit) == .success
    if !isDone {
      kill(process.processIdentifier, SIGKILL)
      ended.wait()
    }
    try output.close()
    let text = String(decoding: (try? Data(contentsOf: log)) ?? Data(), as: UTF8.self)
    return Outcome(status: isDone ? process.terminationStatus : nil, text: text)
  }
}

extension ExternalProgram.Outcome {
  /// The last line that tells of something wrong, for a sentence.
  var reason: String {
    guard status != nil else { return "it took longer than it may" }
    let lines = text.split(whereSeparator: \.isNewline)
    let telling = lines.last { $0.contains("rror") } ?? lines.last ?? "it printed nothing"
    return telling.trimmingCharacters(in: CharacterSet(charactersIn: " .!"))
  }
}
