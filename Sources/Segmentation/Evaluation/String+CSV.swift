import PlainText

extension String {
  /// A name as a field of a table, in quotes where it holds a comma or a quote.
  ///
  /// Source: RFC 4180.
  var csvField: String { csvText.csvQuoted }

  /// A name as whoever reads a table finds it: what is unprintable escaped, an apostrophe before what a spreadsheet would take
  /// for a formula.
  ///
  /// Source: OWASP, CSV injection.
  var csvText: String {
    let text = printable
    return text.first.map { "=+-@".contains($0) } == true ? "'" + text : text
  }

  var csvQuoted: String {
    guard contains(where: { ",\"".contains($0) }) else { return self }
    return "\"\(split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\""
  }
}
