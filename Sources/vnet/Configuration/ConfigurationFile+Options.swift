extension ConfigurationFile {
  /// The options that the file gives, in its order.
  ///
  /// - Parameter known: those of the command.
  /// - Throws: `ConfigurationFileError` for a key that is no option, or one that takes something else.
  func options(
    of command: String, among known: [OptionName]
  ) throws(ConfigurationFileError) -> [GivenOption] {
    var options: [GivenOption] = []
    for entry in entries {
      let name = entry.key.replacing("_", with: "-")
      guard let option = known.first(where: { $0.name == name }) else {
        throw refusal(entry, unknown(name, of: command, among: known))
      }
      guard !options.contains(where: { $0.name == name }) else {
        throw refusal(entry, "stands there twice; leave one of them out.")
      }
      if let given = try given(option, entry) { options.append(given) }
    }
    return options
  }

  private func refusal(_ entry: Entry, _ reason: String) -> ConfigurationFileError {
    ConfigurationFileError(path: path, key: entry.key, reason: reason)
  }

  private func unknown(_ name: String, of command: String, among known: [OptionName]) -> String {
    if name.hasPrefix("no-"), known.contains(where: { "no-" + $0.name == name }) {
      return "is written \(name.dropFirst(3)): false."
    }
    let names = known.map(\.name)
    guard let meant = Mistyped.meant(by: "--" + name, among: names.map { "--" + $0 }) else {
      return "'vnet \(command)' has no such option; 'vnet \(command) --help-all' shows all."
    }
    return "'vnet \(command)' has no such option; did you mean \(meant.dropFirst(2))?"
  }

  /// nil for a flag that is off as it is by itself.
  private func given(_ option: OptionName, _ entry: Entry) throws(ConfigurationFileError) -> GivenOption? {
    switch (option.form, entry.value) {
    case (.flag, .text("true")): return GivenOption(name: option.name, value: .flag(true))
    case (.flag(let hasInversion), .text("false")):
      return hasInversion ? GivenOption(name: option.name, value: .flag(false)) : nil
    case (.flag, _): throw refusal(entry, "is switched on or off; write true or false.")
    case (.value, .text(let text)): return GivenOption(name: option.name, value: .value(text))
    case (.value, .list): throw refusal(entry, "takes one value; write it without brackets and dashes.")
    case (.values, .text(let text)): return try values(option, [text], entry)
    case (.values, .list(let texts)): return try values(option, texts, entry)
    }
  }

  private func values(
    _ option: OptionName, _ texts: [String], _ entry: Entry
  ) throws(ConfigurationFileError) -> GivenOption {
    guard !texts.isEmpty else { throw refusal(entry, "is an empty list; give values, or remove the line.") }
    if let text = texts.first(where: { $0.hasPrefix("-") }) {
      throw refusal(entry, "holds \(text), which begins as an option does; a path may begin with ./ instead.")
    }
    return GivenOption(name: option.name, value: .values(texts))
  }
}
