import Foundation

extension ReportContents {
  /// The report as one HTML file that needs no other: styles inline, charts as SVG, pictures as PNG in
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
    \(scoresSection)\(chartsSection)\(figuresSection)\(casesSection)\(configurationSection)</body>
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
    .swatch{display:inline-block;width:.8em;height:.8em;margin:0 .3em 0 1em}
    """

  // MARK: Sections, each empty where there is nothing to show

  private var scoresSection: String {
    guard !classScores.isEmpty else { return "" }
    let rows = classScores.map { [htmlEscaped($0.className)] + Self.cells(of: $0) }
    return section("Scores by class", table(["Class"] + Self.scoreHeadings, rows))
  }

  private var casesSection: String {
    guard !caseScores.isEmpty else { return "" }
    let rows = caseScores.flatMap { item in
      item.scores.map {
        [htmlEscaped(item.caseName), htmlEscaped($0.className)] + Self.cells(of: $0)
      }
    }
    let scores = table(["Case", "Class"] + Self.scoreHeadings, rows)
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

  private var figuresSection: String {
    guard !figures.isEmpty else { return "" }
    let legend = classNames.enumerated().map { index, name in
      let color = SliceOverlay.color(ofClass: index + 1)
      return "<span class=\"swatch\" style=\"background:rgb(\(color.red),\(color.green),\(color.blue))\">"
        + "</span>\(htmlEscaped(name))"
    }
    let items = figures.map { figure in
      let data = Data(figure.picture.pngEncoded()).base64EncodedString()
      return """
        <figure><img width="\(figure.picture.width)" height="\(figure.picture.height)" \
        alt="\(htmlEscaped(figure.caption))" src="data:image/png;base64,\(data)">
        <figcaption>\(htmlEscaped(figure.caption))</figcaption></figure>

        """
    }
    return section(
      "Slices", "<p>From left to right: scan, truth, prediction.\(legend.joined())</p>\n" + items.joined())
  }

  private var configurationSection: String {
    guard !configuration.isEmpty else { return "" }
    let rows = configuration.map { [htmlEscaped($0.name), htmlEscaped($0.value)] }
    return section(
      "Configuration", "<div class=\"settings\">\(table(["Setting", "Value"], rows))</div>\n")
  }

  // MARK: Parts

  private static let scoreHeadings = ["Soft Dice", "Dice", "HD95 (mm)", "ASSD (mm)"]

  private static func cells(of score: Score) -> [String] {
    [
      cell(score.softDice, decimals: 4), cell(score.dice, decimals: 4),
      cell(score.hausdorffDistance95, decimals: 2), cell(score.averageSurfaceDistance, decimals: 2),
    ]
  }

  private static func cell(_ value: Double?, decimals: Int) -> String {
    value.map { String(format: "%.\(decimals)f", $0) } ?? "<span class=\"absent\">absent</span>"
  }

  private func section(_ heading: String, _ body: String) -> String {
    "<section>\n<h2>\(heading)</h2>\n\(body)</section>\n"
  }

  /// A table of cells that are HTML already.
  private func table(_ headings: [String], _ rows: [[String]]) -> String {
    let head = headings.map { "<th>\($0)</th>" }.joined()
    let body = rows.map { row in "<tr>\(row.map { "<td>\($0)</td>" }.joined())</tr>\n" }.joined()
    return "<div class=\"wide\"><table>\n<thead><tr>\(head)</tr></thead>\n"
      + "<tbody>\n\(body)</tbody>\n</table></div>\n"
  }
}

/// Text as HTML shows it, in an element or in a quoted attribute.
func htmlEscaped(_ text: String) -> String {
  var escaped = ""
  for character in text.unicodeScalars {
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
