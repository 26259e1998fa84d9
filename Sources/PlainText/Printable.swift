extension Unicode.Scalar {
  /// Whether a terminal may take the scalar as a command, or show what follows it as what it is not: the C0 and C1
  /// controls, the ends of lines and paragraphs, and the marks that turn the direction of text.
  ///
  /// Source: Unicode 15, general categories Cc, Zl and Zp; Unicode Technical Report 36, bidirectional text spoofing.
  package var isUnprintable: Bool {
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    case .format: ("\u{202A}"..."\u{202E}").contains(self) || ("\u{2066}"..."\u{2069}").contains(self)
    default: false
    }
  }

  /// The scalar as JSON escapes it: `\u001b`.
  ///
  /// - Precondition: it lies in the first plane.
  package var jsonEscape: String {
    precondition(value <= 0xFFFF, "one escape is for 16 bits")
    let digits = String(value, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }
}

extension StringProtocol {
  /// A text that came from outside (a name in a file, a path) as one harmless line: what is unprintable, line ends among
  /// it, is written as JSON escapes it.
  package var printable: String { escaping(\.isUnprintable) }

  /// Several lines, each as in `printable`. JSON stays the same JSON: within its strings escapes mean what they stand for.
  package var printableLines: String { escaping { $0.isUnprintable && $0 != "\n" } }

  private func escaping(_ isEscaped: (Unicode.Scalar) -> Bool) -> String {
    guard unicodeScalars.contains(where: isEscaped) else { return String(self) }
    var text = ""
    for scalar in unicodeScalars {
      if isEscaped(scalar) { text += scalar.jsonEscape } else { text.unicodeScalars.append(scalar) }
    }
    return text
  }
}
