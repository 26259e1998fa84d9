import ArgumentParser
import Foundation

/// The commands and the options of each, as swift-argument-parser tells them.
struct CommandCatalogue {
  /// One name of an argument.
  struct Argument {
    enum Kind: String, Decodable {
      case positional, option, flag
    }

    /// As it is typed: "--data-dir".
    let name: String
    let kind: Kind
    let takesSeveral: Bool
    /// All that it takes; empty where anything may come.
    let values: [String]
  }

  /// The arguments of a command by its name.
  let arguments: [String: [Argument]]
  /// Their names alone.
  var options: [String: [String]] { arguments.mapValues { $0.map(\.name) } }

  init() throws {
    let info = try JSONDecoder().decode(ToolInfo.self, from: Data(VNetCommand._dumpHelp().utf8))
    var arguments: [String: [Argument]] = [:]
    for command in info.command.subcommands ?? [] {
      arguments[command.commandName] = (command.arguments ?? []).flatMap { argument in
        (argument.names ?? []).map {
          Argument(
            name: ($0.kind == "long" ? "--" : "-") + $0.name, kind: argument.kind,
            takesSeveral: argument.isRepeating, values: argument.allValues ?? [])
        }
      }
    }
    self.arguments = arguments
  }

  /// What is read of the form that the parser describes a program in.
  private struct ToolInfo: Decodable {
    struct Command: Decodable {
      let commandName: String
      let subcommands: [Command]?
      let arguments: [Argument]?
    }

    struct Argument: Decodable {
      let kind: CommandCatalogue.Argument.Kind
      let isRepeating: Bool
      let allValues: [String]?
      let names: [Name]?
    }

    struct Name: Decodable {
      let kind: String
      let name: String
    }

    let command: Command
  }
}
