import ArgumentParser
import Foundation
import Synchronization

/// A command line together with the configuration file that it names: options of the file, then those of the command line,
/// which win.
struct ConfiguredArguments {
  /// All of them, as if they were typed.
  let arguments: [String]
  /// The options of both, without --config.
  let options: [GivenOption]
  private let file: ConfigurationFile?
  /// The names of the options that the file gives.
  private let fromFile: [String]

  /// - Parameter typed: the command line, without the program's name.
  /// - Throws: `ConfigurationFileError`.
  init(_ typed: [String]) throws {
    let command = typed.first ?? ""
    let known = try CommandCatalogue().configurable(of: command)
    let own = [GivenOption](arguments: Array(typed.dropFirst()), among: known)
    guard let path = try Self.configurationPath(typed) else {
      (arguments, options, file, fromFile) = (typed, own, nil, [])
      return
    }
    let file = try ConfigurationFile(contentsOf: path)
    let given = try file.options(of: command, among: known).filter { option in
      !own.contains { $0.name == option.name }
    }
    arguments = [command] + given.flatMap(\.arguments) + typed.dropFirst()
    options = given + own
    self.file = file
    fromFile = given.map(\.name)
  }

  /// nil where there is none, or help is asked for.
  private static func configurationPath(_ typed: [String]) throws -> String? {
    guard !typed.contains(where: { ["-h", "--help", "--help-hidden"].contains($0) }) else { return nil }
    var paths: [String] = []
    for (index, token) in typed.enumerated() {
      if token == "--config", index + 1 < typed.count { paths.append(typed[index + 1]) }
      if token.hasPrefix("--config=") { paths.append(String(token.dropFirst("--config=".count))) }
    }
    guard paths.count <= 1 else {
      throw ValidationError("--config is given \(paths.count) times; put all options into one file.")
    }
    return paths.first
  }

  /// What the parser refuses of the file's options, in words that name file and key; other errors as they are.
  func explained(_ error: any Error) -> any Error {
    guard let file, VNetCommand.exitCode(for: error) == .validationFailure else { return error }
    let sentence = VNetCommand.message(for: error).split(separator: "\n").first.map(String.init) ?? ""
    let named = fromFile.filter { sentence.contains(Self.pattern(of: $0)) }
    // Of "--loss-squared" and "--loss" the longer one is meant.
    guard let name = named.max(by: { $0.count < $1.count }) else { return error }
    let key = file.entries.first { $0.key.replacing("_", with: "-") == name }?.key ?? name
    return ConfigurationFileError(path: file.path, key: key, reason: sentence)
  }

  private static func pattern(of name: String) -> String { "--\(name)" }
}

extension ConfiguredArguments {
  private static let ofThisProcess = Mutex<[GivenOption]>([])

  /// The options that this process was given: a configuration file may be a pipe, and is read once.
  static var givenOptions: [GivenOption] { ofThisProcess.withLock { $0 } }

  /// Keeps the options for `givenOptions`.
  func keep() { Self.ofThisProcess.withLock { $0 = options } }
}
