/// An option of a command, as a configuration file names it.
struct OptionName: Equatable {
  /// How it takes values.
  enum Form: Equatable {
    /// None; switched off by `--no-<name>` where there is such a flag.
    case flag(inversion: Bool)
    case value
    case values
  }

  /// Without the dashes: "data-dir".
  let name: String
  let form: Form
}

extension CommandCatalogue {
  /// The options of a command that a file may hold: all but help, version and the name of the file itself.
  func configurable(of command: String) -> [OptionName] {
    let arguments = (arguments[command] ?? []).filter {
      !["--help", "--version", "--config"].contains($0.name)
    }
    let names = Set(arguments.map(\.name))
    return arguments.compactMap { argument in
      guard argument.name.hasPrefix("--") else { return nil }
      let name = String(argument.name.dropFirst(2))
      switch argument.kind {
      case .positional: return nil
      case .option: return OptionName(name: name, form: argument.takesSeveral ? .values : .value)
      case .flag:
        // The other half of a flag that can be switched off.
        if name.hasPrefix("no-"), names.contains("--" + name.dropFirst(3)) { return nil }
        return OptionName(name: name, form: .flag(inversion: names.contains("--no-" + name)))
      }
    }
  }
}
