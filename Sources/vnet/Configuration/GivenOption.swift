/// An option with the values that somebody gave it, on the command line or in a configuration file.
struct GivenOption: Equatable {
  enum Value: Equatable {
    case flag(Bool)
    case value(String)
    case values([String])
  }

  /// Without the dashes: "data-dir".
  let name: String
  let value: Value

  /// As it is typed.
  var arguments: [String] {
    switch value {
    case .flag(true): ["--\(name)"]
    case .flag(false): ["--no-\(name)"]
    // Together, so that a value may begin with a dash.
    case .value(let text): ["--\(name)=\(text)"]
    case .values(let texts): ["--\(name)"] + texts
    }
  }
}

extension [GivenOption] {
  /// The options that are given on a command line.
  ///
  /// - Parameter arguments: without the command's name.
  init(arguments: [String], among known: [OptionName]) {
    self = []
    var rest = arguments[...]
    while let token = rest.popFirst() {
      guard token.hasPrefix("--") else { continue }
      let parts = token.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts.first ?? "")
      if let option = known.first(where: { $0.name == name }) {
        append(Self.option(option, inline: parts.dropFirst().first.map(String.init), &rest))
      } else if name.hasPrefix("no-"), known.contains(where: { $0.isInversion(name) }) {
        append(GivenOption(name: String(name.dropFirst(3)), value: .flag(false)))
      }
    }
  }

  private static func option(
    _ option: OptionName, inline: String?, _ rest: inout ArraySlice<String>
  ) -> GivenOption {
    switch option.form {
    case .flag: return GivenOption(name: option.name, value: .flag(true))
    case .value: return GivenOption(name: option.name, value: .value(inline ?? rest.popFirst() ?? ""))
    case .values:
      let following = rest.prefix { !$0.hasPrefix("-") }
      rest = rest.dropFirst(following.count)
      return GivenOption(name: option.name, value: .values((inline.map { [$0] } ?? []) + following))
    }
  }
}

extension OptionName {
  fileprivate func isInversion(_ name: String) -> Bool {
    form == .flag(inversion: true) && name == "no-" + self.name
  }
}
