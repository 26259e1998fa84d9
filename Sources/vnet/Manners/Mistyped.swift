import ArgumentParser
import Foundation

/// Finds what a user of this program, or of another, most likely meant by arguments that are not understood.
enum Mistyped {
  /// What other programs call an option of ours: nnU-Net, MONAI, the reference system.
  private static let otherNames = [
    "--lr": "--base-lr", "--learning-rate": "--base-lr", "--batch": "--batch-size", "--bs": "--batch-size",
    "--data": "--data-dir", "--dataset": "--data-dir", "--model": "--model-dir", "--models": "--model-dir",
    "--out": "--output", "--output-dir": "--output", "--out-dir": "--output", "--input-dir": "--input",
    "--list": "--input",
    "--images-dir": "--images", "--num-epochs": "--epochs", "--max-epochs": "--epochs",
    "--n-epochs": "--epochs",
    "--gpus": "--devices", "--num-threads": "--threads", "--pretrained": "--init-from",
    "--pretrained-weights": "--init-from", "--continue": "--resume", "--mirror": "--tta",
    "--save-probabilities": "--probabilities", "--train-ratio": "--train-split", "--random-seed": "--seed",
  ]

  /// The names of all commands.
  static var commandNames: [String] {
    VNetCommand.configuration.subcommands.map { $0._commandName } + ["help"]
  }

  /// Refuses a word that is no command, which the parser takes for something else.
  ///
  /// - Throws: `ValidationError` with the nearest one.
  static func requireCommand(_ arguments: [String]) throws {
    let words = arguments.first == "help" ? Array(arguments.dropFirst()) : arguments
    guard let word = words.first, !word.hasPrefix("-"), !commandNames.contains(word) else { return }
    let nearest = nearestName(to: word.lowercased(), among: commandNames)
    let remedy = nearest.map { "did you mean 'vnet \($0)'?" } ?? "'vnet --help' lists the commands."
    throw ValidationError("there is no command '\(word)'; \(remedy)")
  }

  /// What is to be said of arguments that the parser refused, where that is plainer than what it says; nil where it is not.
  static func sentence(on arguments: [String]) -> String? {
    guard let command = arguments.first, let catalogue = try? CommandCatalogue(),
      let known = catalogue.options[command]
    else { return nil }
    for argument in arguments.dropFirst() where argument.hasPrefix("--") && argument != "--" {
      let name = String(argument.prefix { $0 != "=" })
      guard !known.contains(name), let meant = meant(by: name, among: known) else { continue }
      return "'vnet \(command)' has no option \(name); did you mean \(meant)?"
    }
    return valueSentence(arguments, catalogue) ?? pathSentence(command, arguments, known)
  }

  /// A value that is none of those that its option takes.
  private static func valueSentence(_ arguments: [String], _ catalogue: CommandCatalogue) -> String? {
    let (command, rest) = (arguments[0], Array(arguments.dropFirst()))
    for given in [GivenOption](arguments: rest, among: catalogue.configurable(of: command)) {
      let name = "--" + given.name
      guard case .value(let text) = given.value, !text.isEmpty, !text.hasPrefix("-"),
        let values = catalogue.arguments[command]?.first(where: { $0.name == name })?.values,
        !values.isEmpty, !values.contains(text)
      else { continue }
      return "\(name) takes \(values.joined(separator: ", ")), not \(text); give one of them."
    }
    return nil
  }

  /// The option that is most likely meant by a name with its dashes; nil where none is near.
  static func meant(by name: String, among known: [String]) -> String? {
    let plain = name.lowercased().replacingOccurrences(of: "_", with: "-")
    if known.contains(plain) { return plain }
    if let other = otherNames[plain], known.contains(other) { return other }
    return nearestName(to: plain, among: known)
  }

  /// A path that stands by itself behind a command that wants an option for it.
  private static func pathSentence(_ command: String, _ arguments: [String], _ known: [String]) -> String? {
    guard command != "inspect", arguments.count > 1, !arguments[1].hasPrefix("-"),
      FileManager.default.fileExists(atPath: arguments[1]),
      let option = ["--data-dir", "--model-dir"].first(where: known.contains)
    else { return nil }
    return "'vnet \(command)' takes no path by itself; give \(option) \(arguments[1])."
  }
}
