import MedicalImaging
import PlainText

extension Evaluation {
  /// Every figure of every class of every case, comma-separated, one class of one case a line, in the order of the
  /// cases. Where a class is absent the line says so in words instead of a number. Every line ends in the terms, so that
  /// tables can be joined.
  ///
  /// Source: RFC 4180, with the header line.
  public func csv(_ terms: EvaluationTerms) -> String {
    let header =
      "case,class,softDice,dice,hd95Mm,assdMm,nsd1mm,predictedVolumeMm3,trueVolumeMm3,"
      + "dataSet,split,checkpoint,version,date"
    let end = [
      terms.dataset, terms.split, terms.checkpoint?.rawValue ?? "", terms.version, terms.dateText,
    ].map(quoted).joined(separator: ",")
    let lines = cases.flatMap { entry in entry.classes.map { "\(line(entry.caseName, $0)),\(end)" } }
    return ([header] + lines).joined(separator: "\r\n") + "\r\n"
  }

  private func line(_ caseName: String, _ entry: ClassEvaluation) -> String {
    let metrics = entry.metrics
    let figures = [
      metrics.dice, metrics.hausdorff95, metrics.averageSurfaceDistance, metrics.normalizedSurfaceDice,
    ].map(text)
    let softDice =
      entry.softDice == nil ? "" : entry.measuredSoftDice.map { "\($0)" } ?? "absent"
    let cells =
      [quoted(caseName), quoted(entry.className), softDice]
      + figures
      + ["\(metrics.predictedVolume)", "\(metrics.trueVolume)"]
    return cells.joined(separator: ",")
  }

  private func text(_ measured: Measured) -> String {
    switch measured {
    case .value(let value): "\(value)"
    case .absentInBoth: "absent"
    case .absentInTruth: "absent in truth"
    case .absentInPrediction: "absent in prediction"
    }
  }

  /// A name as a field: what is unprintable escaped, an apostrophe before what a spreadsheet would take for a formula, and
  /// in quotes where it holds a comma or a quote.
  ///
  /// Source: OWASP, CSV injection.
  private func quoted(_ name: String) -> String {
    let text = name.printable
    let field = text.first.map { "=+-@".contains($0) } == true ? "'" + text : text
    guard field.contains(where: { ",\"".contains($0) }) else { return field }
    return "\"\(field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\""
  }
}
