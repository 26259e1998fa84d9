import Foundation
import PlainText

extension ReportContents {
  /// The report as one HTML file that needs no other: styles and script inline, charts as SVG, pictures and slices in
  /// base64. Equal contents give equal text.
  public func html() -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(htmlEscaped(title))</title>
    <style>\(Self.style)</style>
    </head>
    <body>
    <h1>\(htmlEscaped(title))</h1>
    \(scoresSection)\(chartsSection)\(boxesSection)\(figuresSection)\(viewersSection)\(casesSection)\
    \(configurationSection)\(script)</body>
    </html>

    """
  }

  private static let style = """
    body{font:15px/1.5 system-ui,sans-serif;color:#222;background:#fff;max-width:60rem;margin:2rem auto;\
    padding:0 1rem}
    h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2rem;border-bottom:1px solid #ddd}
    table{border-collapse:collapse}
    th,td{padding:.2rem .9rem .2rem 0;text-align:right;font-variant-numeric:tabular-nums}
    th:first-child,td:first-child{text-align:left}
    thead th{border-bottom:1px solid #888}tbody tr:nth-child(even){background:#f6f6f6}
    .wide{overflow-x:auto}
    .settings th,.settings td,.cases :is(th,td):nth-child(2){text-align:left}
    .absent{color:#767676}
    figure{margin:1rem 0}figure img{max-width:100%;height:auto}figcaption{color:#555}
    .charts{display:flex;flex-wrap:wrap;gap:1rem}.charts svg{flex:1 1 26rem;max-width:40rem}
    svg text{font:14px system-ui,sans-serif;fill:#444}svg .title{font-weight:600;fill:#222}
    svg .grid{stroke:#e5e5e5}svg .axis{fill:none;stroke:#888}
    .sortable th{cursor:pointer}.sortable th[aria-sort=ascending]::after{content:" \\25b4"}
    .sortable th[aria-sort=descending]::after{content:" \\25be"}
    .viewer canvas{max-width:100%;background:#000}.controls{display:flex;flex-wrap:wrap;gap:.3rem 1.5rem}
    .controls label{white-space:nowrap}.controls input{vertical-align:middle}
    .swatch{display:inline-block;width:.8em;height:.8em;margin:0 .3em 0 1em}
    """

  // MARK: Sections, each empty where there is nothing to show

  private var scoresSection: String {
    guard !classScores.isEmpty else { return "" }
    let hasSoftDice = hasSoftDice
    let rows = classScores.map { [htmlEscaped($0.className)] + Self.cells(of: $0, hasSoftDice) }
    return section("Scores by class", table(["Class"] + scoreHeadings, rows))
  }

  private var casesSection: String {
    guard !caseScores.isEmpty else { return "" }
    let hasSoftDice = hasSoftDice
    let rows = caseScores.flatMap { item in
      item.scores.map {
        [htmlEscaped(item.caseName), htmlEscaped($0.className)] + Self.cells(of: $0, hasSoftDice)
          + Self.volumeCells(of: $0)
      }
    }
    let scores = table(["Case", "Class"] + scoreHeadings + Self.volumeHeadings, rows, isSortable: true)
    return section("Scores by case", "<div class=\"cases\">\(scores)</div>\n")
  }

  private var chartsSection: String {
    var charts = ""
    if !lossCurves.isEmpty {
      charts += LineChart(title: "Loss", xLabel: "epoch", yLabel: "loss", curves: lossCurves).svg()
    }
    if !diceCurves.isEmpty {
      charts += LineChart(
        title: "Validation Dice", xLabel: "epoch", yLabel: "Dice", curves: diceCurves, yRange: 0...1
      ).svg()
    }
    return charts.isEmpty ? "" : section("Training", "<div class=\"charts\">\n\(charts)</div>\n")
  }

  /// The spread over the cases, where there are several.
  private var boxesSection: String {
    guard caseScores.count > 1 else { return "" }
    func plot(_ title: String, _ figure: (Score) -> Double?) -> String {
      let groups = caseScores[0].scores.indices.map { index in
        (
          name: caseScores[0].scores[index].className,
          values: caseScores.compactMap { figure($0.scores[index]) }
        )
      }
      return BoxPlot(title: title, groups: groups).svg()
    }
    let plots =
      plot("Dice", \.dice) + plot("HD95 (mm)", \.hausdorffDistance95)
      + plot("ASSD (mm)", \.averageSurfaceDistance) + plot("NSD 1 mm", \.normalizedSurfaceDice)
    return section("Spread over the cases", "<div class=\"charts\">\n\(plots)</div>\n")
  }

  /// The classes' colours, as CSS.
  private var colors: [String] {
    classNames.indices.map { index in
      let color = SliceOverlay.color(ofClass: index + 1)
      return "rgb(\(color.red),\(color.green),\(color.blue))"
    }
  }

  private var legend: String {
    zip(classNames, colors).map { name, color in
      "<span class=\"swatch\" style=\"background:\(color)\"></span>\(htmlEscaped(name))"
    }.joined()
  }

  private var viewersSection: String {
    guard !viewers.isEmpty else { return "" }
    return section(
      "Slice by slice",
      "<p>Scroll over a picture, or move its slider.\(legend)</p>\n" + viewers.map { $0.html() }.joined())
  }

  private var script: String {
    caseScores.isEmpty && viewers.isEmpty
      ? "" : "<script>\n\(ReportScript.source(colors: colors))\n</script>\n"
  }

  private var figuresSection: String {
    guard !figures.isEmpty else { return "" }
    let items = figures.map { figure in
      let data = Data(figure.picture.pngEncoded()).base64EncodedString()
      return """
        <figure><img width="\(figure.picture.width)" height="\(figure.picture.height)" \
        alt="\(htmlEscaped(figure.caption))" src="data:image/png;base64,\(data)">
        <figcaption>\(htmlEscaped(figure.caption))</figcaption></figure>

        """
    }
    return section(
      "Slices", "<p>From left to right: scan, truth, prediction.\(legend)</p>\n" + items.joined())
  }

  private var configurationSection: String {
    guard !configuration.isEmpty else { return "" }
    let rows = configuration.map { [htmlEscaped($0.name), htmlEscaped($0.value)] }
    return section(
      "Configuration", "<div class=\"settings\">\(table(["Setting", "Value"], rows))</div>\n")
  }

  // MARK: Parts

  /// Whether any score comes from probabilities; masks by themselves have no soft Dice.
  private var hasSoftDice: Bool {
    (classScores + caseScores.flatMap(\.scores)).contains { $0.softDice != nil }
  }

  private var scoreHeadings: [String] {
    (hasSoftDice ? ["Soft Dice"] : []) + ["Dice", "HD95 (mm)", "ASSD (mm)", "NSD 1 mm"]
  }

  private static let volumeHeadings = ["Predicted (mm³)", "True (mm³)"]

  private static func volumeCells(of score: Score) -> [String] {
    [cell(score.predictedVolume, decimals: 0), cell(score.trueVolume, decimals: 0)]
  }

  private static func cells(of score: Score, _ hasSoftDice: Bool) -> [String] {
    func figure(_ value: Double?) -> String { cell(value, decimals: 4, otherwise: score.absence) }
    func distance(_ value: Double?) -> String {
      let text = cell(value, decimals: 2, otherwise: score.absence)
      return score.distanceCount.map { $0.present > 0 ? "\(text) (\($0))" : text } ?? text
    }
    return (hasSoftDice ? [figure(score.softDice)] : []) + [
      figure(score.dice), distance(score.hausdorffDistance95),
      distance(score.averageSurfaceDistance), figure(score.normalizedSurfaceDice),
    ]
  }

  private static func cell(_ value: Double?, decimals: Int, otherwise word: String = "absent") -> String {
    value.map { String(format: "%.\(decimals)f", $0) } ?? "<span class=\"absent\">\(word)</span>"
  }

  private func section(_ heading: String, _ body: String) -> String {
    "<section>\n<h2>\(heading)</h2>\n\(body)</section>\n"
  }

  /// A table of cells that are HTML already.
  private func table(_ headings: [String], _ rows: [[String]], isSortable: Bool = false) -> String {
    let head = headings.map { "<th>\($0)</th>" }.joined()
    let body = rows.map { row in "<tr>\(row.map { "<td>\($0)</td>" }.joined())</tr>\n" }.joined()
    return
      "<div class=\"wide\"><table\(isSortable ? " class=\"sortable\"" : "")>\n<thead><tr>\(head)</tr></thead>\n"
      + "<tbody>\n\(body)</tbody>\n</table></div>\n"
  }
}

extension ReportContents.Score {
  /// Why a figure of the class cannot be measured.
  fileprivate var absence: String {
    if let distanceCount { return distanceCount.present > 0 ? "missed" : "absent" }
    return switch ((predictedVolume ?? 0) > 0, (trueVolume ?? 0) > 0) {
    case (true, false): "only predicted"
    case (false, true): "missed"
    default: "absent"
    }
  }
}

/// Text as HTML shows it, in an element or in a quoted attribute; what is unprintable escaped as in JSON.
func htmlEscaped(_ text: String) -> String {
  var escaped = ""
  for character in text.printableLines.unicodeScalars {
    switch character {
    case "&": escaped += "&amp;"
    case "<": escaped += "&lt;"
    case ">": escaped += "&gt;"
    case "\"": escaped += "&quot;"
    case "'": escaped += "&#39;"
    default: escaped.unicodeScalars.append(character)
    }
  }
  return escaped
}
