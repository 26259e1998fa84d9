import PlainText

/// Prints the command that most likely comes next.
///
/// - Parameters:
///   - command: its name.
///   - names: of options; what was given of these comes first.
///   - words: the rest as it is typed, before quoting.
func suggest(_ command: String, repeating names: Set<String> = [], _ words: String...) {
  let given = ConfiguredArguments.givenOptions.filter { names.contains($0.name) }
  let all = (given.flatMap(\.words) + words).map(\.shellQuoted)
  print((["next: vnet", command] + all).joined(separator: " ").printable)
}

/// The options of a command that say which data it reads, and how: those of 'vnet verify', but what it prints.
func dataOptions(of command: String) -> Set<String> {
  guard let catalogue = try? CommandCatalogue() else { return [] }
  let names = { (command: String) in Set(catalogue.configurable(of: command).map(\.name)) }
  return names("verify").subtracting(["json", "quiet"]).intersection(names(command))
}

extension GivenOption {
  /// As a person types it.
  fileprivate var words: [String] {
    if case .value(let text) = value, !text.hasPrefix("-") { return ["--\(name)", text] }
    return arguments
  }
}

extension String {
  /// As a shell takes it for one word.
  var shellQuoted: String {
    let isPlain =
      !isEmpty && allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-./,:=@%+".contains($0)) }
    return isPlain ? self : "'" + replacing("'", with: "'\\''") + "'"
  }
}
