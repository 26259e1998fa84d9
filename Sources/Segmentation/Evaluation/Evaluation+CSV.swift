import MedicalImaging

extension Evaluation {
  /// Every figure of every class of every case, comma-separated, one class of one case a line, in the order of the
  /// cases. Where a class is absent the line says so in words instead of a number. Every line ends in the terms, so that
  /// tables can be joined. Columns are named as the figures in the JSON.
  ///
  /// Source: RFC 4180, with the header line.
  public func csv(_ terms: EvaluationTerms) -> String {
    let header =
      "case,class,soft_dice,dice,hd95_mm,assd_mm,nsd_1mm,predicted_volume_mm3,true_volume_mm3,"
      + "data_set,split,checkpoint,version,date"
    let end = [
      terms.dataset, terms.split, terms.checkpoint?.rawValue ?? "", terms.version, terms.dateText,
    ].map(\.csvField).joined(separator: ",")
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
      [caseName.csvField, entry.className.csvField, softDice]
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
}
