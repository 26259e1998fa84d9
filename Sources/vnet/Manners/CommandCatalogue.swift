import ArgumentParser
import Foundation

/// The commands and the options of each, as swift-argument-parser tells them.
struct CommandCatalogue {
  /// The options of a command, such as "--data-dir", by its name.
  let options: [String: [String]]

  init() throws {
    let info = try JSONDecoder().decode(ToolInfo.self, from: Data(VNetCommand._dumpHelp().utf8))
    var options: [String: [String]] = [:]
    for command in info.command.subcommands ?? [] {
      let names = (command.arguments ?? []).flatMap { $0.names ?? [] }
      options[command.commandName] = names.map { ($0.kind == "long" ? "--" : "-") + $0.name }
    }
    self.options = options
  }

  /// What is read of the form that the parser describes a program in.
  private struct ToolInfo: Decodable {
    struct Command: Decodable {
      let commandName: String
      let subcommands: [Command]?
      let arguments: [Argument]?
    }

    struct Argument: Decodable {
      let names: [Name]?
    }

    struct Name: Decodable {
      let kind: String
      let name: String
    }

    let command: Command
  }
}
