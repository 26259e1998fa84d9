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
    \(termsSection)\(configurationSection)\(scoresSection)\(chartsSection)\(boxesSection)\(figuresSection)\
    \(viewersSection)\(casesSection)\(script)</body>
    </html>

    """
  }

  private static let style = """
    :root{color-scheme:light dark;--ink:#222;--quiet:#555;--faint:#767676;--paper:#fff;--stripe:#f6f6f6;--line:#ddd;--axis:#888}
    @media (prefers-color-scheme:dark){:root{--ink:#e4e4e4;--quiet:#b5b5b5;--faint:#9a9a9a;--paper:#17181a;\
    --stripe:#212327;--line:#3a3d42;--axis:#777}.charts svg{filter:brightness(1.3)}}
    body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:75rem;margin:2rem auto;\
    padding:0 1rem}
    h1{font-size:1.6rem;overflow-wrap:anywhere}h2{font-size:1.15rem;margin-top:2rem;border-bottom:1px solid var(--line)}
    table{border-collapse:collapse}
    th,td{padding:.2rem .9rem .2rem 0;text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
    th:first-child,td:first-child{text-align:left}
    thead th{border-bottom:1px solid var(--axis)}tbody tr:nth-child(even){background:var(--stripe)}
    .wide{overflow-x:auto}
    .cases :is(th,td):nth-child(2){text-align:left}
    .settings{display:grid;grid-template-columns:repeat(auto-fill,minmax(9rem,1fr));gap:.4rem 1.5rem;margin:1rem 0}
    .settings dt{font-size:.85em;color:var(--quiet)}.settings dd{margin:0;overflow-wrap:anywhere}
    summary{cursor:pointer;font-weight:600}
    .absent{color:var(--faint)}.interval{color:var(--quiet)}
    figure{margin:1rem 0}figure img{max-width:100%;height:auto}figcaption{color:var(--quiet)}
    .charts{display:flex;flex-wrap:wrap;gap:1rem}.charts svg{flex:1 1 min(26rem,100%);max-width:40rem}
    svg text{font:14px system-ui,sans-serif;fill:var(--quiet)}svg .title{font-weight:600;fill:var(--ink)}
    svg .grid{stroke:var(--line)}svg .axis{fill:none;stroke:var(--axis)}
    .sortable th{cursor:pointer}.sortable th[aria-sort=ascending]::after{content:" \\25b4"}
    .sortable th[aria-sort=descending]::after{content:" \\25be"}
    .viewer{padding:.5rem;border-radius:.3rem}.viewer:focus-visible{outline:2px solid var(--axis)}
    .planes{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(15rem,100%),1fr));gap:.5rem 1rem;align-items:end;\
    margin:.5rem 0}
    .planes canvas{display:block;max-width:100%;max-height:70vh;background:#000;cursor:crosshair;touch-action:manipulation}
    .planes label{display:flex;gap:.5rem}.planes input{flex:1;min-width:5rem}.place{white-space:nowrap}
    .controls{display:flex;flex-wrap:wrap;gap:.3rem 1.5rem}
    .controls label{white-space:nowrap}.controls input{vertical-align:middle}
    kbd{font:.85em ui-monospace,monospace;border:1px solid var(--line);border-radius:.2rem;padding:0 .25em}
    .swatch{display:inline-block;width:.8em;height:.8em;margin:0 .3em}
    """

  // MARK: Sections, each empty where there is nothing to show

  private var scoresSection: String {
    guard !classScores.isEmpty else { return "" }
    let hasSoftDice = hasSoftDice
    let rows = classScores.map { [htmlEscaped($0.className)] + Self.cells(of: $0, hasSoftDice) }
    let legend =
      classScores.contains { !$0.intervals.isEmpty }
      ? "<p>In brackets the 95 % confidence intervals of means: percentile bootstrap over cases, "
        + "\(Bootstrap.resampleCount) draws.</p>\n" : ""
    return section("Scores by class", table(["Class"] + scoreHeadings, rows) + legend)
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

  private var colors: [Picture.Color] {
    classNames.indices.map { SliceOverlay.color(ofClass: $0 + 1) }
  }

  /// Each class with its colour.
  private var legend: [String] {
    zip(classNames, colors).map { name, color in
      let style = "background:rgb(\(color.red),\(color.green),\(color.blue))"
      return "<span class=\"swatch\" style=\"\(style)\"></span>\(htmlEscaped(name))"
    }
  }

  private var viewersSection: String {
    guard !viewers.isEmpty else { return "" }
    let legend = legend
    return section(
      "Case by case",
      """
      <p>Three planes through a point: click, drag or scroll on a picture, or move its slider. With the keyboard: \
      <kbd>&larr;</kbd> <kbd>&rarr;</kbd> <kbd>&uarr;</kbd> <kbd>&darr;</kbd> <kbd>Page Up</kbd> <kbd>Page Down</kbd> \
      move, <kbd>Home</kbd> goes back, <kbd>1</kbd> to <kbd>9</kbd> hide a class, <kbd>t</kbd> the truth, <kbd>p</kbd> the \
      prediction, <kbd>c</kbd> the cross-hair.</p>

      """ + viewers.map { $0.html(classes: legend) }.joined())
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
      "Slices",
      "<p>From left to right: scan, truth, prediction. \(legend.joined(separator: " "))</p>\n"
        + items.joined())
  }

  /// Which data, which model, when.
  private var termsSection: String { terms.isEmpty ? "" : Self.list(terms) }

  private var configurationSection: String {
    guard !configuration.isEmpty else { return "" }
    return "<details open><summary>Configuration</summary>\n\(Self.list(configuration))</details>\n"
  }

  private static func list(_ settings: [Setting]) -> String {
    let items = settings.map {
      "<div><dt>\(htmlEscaped($0.name))</dt><dd>\(htmlEscaped($0.value))</dd></div>\n"
    }
    return "<dl class=\"settings\">\n\(items.joined())</dl>\n"
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
    func figure(_ value: Double?, _ figure: EvaluationFigure) -> String {
      cell(value, decimals: 4, otherwise: score.absence) + interval(score.intervals[figure], decimals: 4)
    }
    func distance(_ value: Double?, _ figure: EvaluationFigure) -> String {
      let text =
        cell(value, decimals: 2, otherwise: score.absence) + interval(score.intervals[figure], decimals: 2)
      return score.distanceCount.map { $0.present > 0 ? "\(text) (\($0))" : text } ?? text
    }
    return (hasSoftDice ? [figure(score.softDice, .softDice)] : []) + [
      figure(score.dice, .dice), distance(score.hausdorffDistance95, .hausdorff95),
      distance(score.averageSurfaceDistance, .averageSurfaceDistance),
      figure(score.normalizedSurfaceDice, .normalizedSurfaceDice),
    ]
  }

  private static func interval(_ interval: ConfidenceInterval?, decimals: Int) -> String {
    interval.map {
      String(format: " <span class=\"interval\">[%.\(decimals)f, %.\(decimals)f]</span>", $0.lower, $0.upper)
    } ?? ""
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
