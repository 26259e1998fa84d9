import PlainText

extension String {
  /// The string as JSON writes it, in quotation marks; what must be escaped is, and what a terminal might obey.
  ///
  /// Source: RFC 8259, section 7.
  package var jsonLiteral: String {
    var text = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"", "\\": text += "\\\(scalar)"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{08}": text += "\\b"
      case "\u{0C}": text += "\\f"
      case _ where scalar.isUnprintable: text += scalar.jsonEscape
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}
