import PlainText

extension String {
  /// A name as a field of a table: what is unprintable escaped, an apostrophe before what a spreadsheet would take for a formula,
  /// and in quotes where it holds a comma or a quote.
  ///
  /// Source: RFC 4180; OWASP, CSV injection.
  var csvField: String {
    let text = printable
    let field = text.first.map { "=+-@".contains($0) } == true ? "'" + text : text
    guard field.contains(where: { ",\"".contains($0) }) else { return field }
    return "\"\(field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\""
  }
}
