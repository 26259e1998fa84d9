import Foundation

/// A chart of curves over a common horizontal axis, drawn as SVG.
struct LineChart {
  var title: String
  var xLabel: String
  var yLabel: String
  var curves: [ReportContents.Curve]
  /// The vertical axis; nil fits it to the curves.
  var yRange: ClosedRange<Double>?

  /// Extent of the picture and of the margins around the plot, in pixels.
  private static let (width, height) = (640.0, 320.0)
  private static let (left, right, top, bottom) = (64.0, 16.0, 36.0, 48.0)
  static let colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"]

  /// The chart as an `<svg>` element. Points that are not finite, or beyond 1e12, are left out.
  func svg() -> String {
    let points = curves.flatMap { $0.points.filter(\.isDrawable) }
    guard !points.isEmpty else { return "<p>\(htmlEscaped(title)): no values</p>\n" }
    // Epochs are whole numbers, and so are their ticks.
    let x = Axis(
      fitting: points.map(\.x), from: Self.left, to: Self.width - Self.right, minimumStep: 1)
    let y = Axis(
      fitting: yRange.map { [$0.lowerBound, $0.upperBound] } ?? points.map(\.y),
      from: Self.height - Self.bottom, to: Self.top, minimumStep: 1e-9)
    return """
      <svg viewBox="0 0 \(short(Self.width)) \(short(Self.height))" role="img" \
      aria-label="\(htmlEscaped(title))">
      \(frame(x, y))\(legend())\(curves.enumerated().map { line($1, index: $0, x, y) }.joined())</svg>

      """
  }

  /// Title, grid, tick labels and axis labels.
  private func frame(_ x: Axis, _ y: Axis) -> String {
    let floor = Self.height - Self.bottom
    var svg = text(title, Self.left, 20, anchor: "start", style: "title")
    for tick in y.ticks {
      let row = short(y.position(of: tick))
      svg +=
        "<line class=\"grid\" x1=\"\(short(Self.left))\" x2=\"\(short(Self.width - Self.right))\" "
        + "y1=\"\(row)\" y2=\"\(row)\"/>\n"
      svg += text(y.label(of: tick), Self.left - 8, y.position(of: tick) + 4, anchor: "end")
    }
    for tick in x.ticks {
      svg += text(x.label(of: tick), x.position(of: tick), floor + 18, anchor: "middle")
    }
    svg +=
      "<path class=\"axis\" d=\"M\(short(Self.left)) \(short(Self.top))V\(short(floor))"
      + "H\(short(Self.width - Self.right))\"/>\n"
    svg += text(xLabel, (Self.left + Self.width - Self.right) / 2, Self.height - 10, anchor: "middle")
    let middle = short((Self.top + floor) / 2)
    svg +=
      "<text text-anchor=\"middle\" transform=\"translate(16 \(middle)) rotate(-90)\">"
      + "\(htmlEscaped(yLabel))</text>\n"
    return svg
  }

  /// The curves' names in their colours, from the right end of the title's line.
  private func legend() -> String {
    guard curves.count > 1 else { return "" }
    let names = curves.enumerated().map { index, curve in
      "<tspan fill=\"\(Self.color(index))\">&#9632;</tspan> \(htmlEscaped(curve.name))"
    }
    let joined = names.joined(separator: "&#160;&#160; ")
    return "<text x=\"\(short(Self.width - Self.right))\" y=\"20\" text-anchor=\"end\">\(joined)</text>\n"
  }

  private func line(_ curve: ReportContents.Curve, index: Int, _ x: Axis, _ y: Axis) -> String {
    let places = curve.points.filter(\.isDrawable).map {
      (x: short(x.position(of: $0.x)), y: short(y.position(of: $0.y)))
    }
    let color = Self.color(index)
    guard let first = places.first else { return "" }
    if places.count == 1 {
      return "<circle cx=\"\(first.x)\" cy=\"\(first.y)\" r=\"3\" fill=\"\(color)\"/>\n"
    }
    let list = places.map { "\($0.x),\($0.y)" }.joined(separator: " ")
    return "<polyline points=\"\(list)\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"1.5\"/>\n"
  }

  private static func color(_ index: Int) -> String { colors[index % colors.count] }

  private func text(
    _ string: String, _ x: Double, _ y: Double, anchor: String, style: String? = nil
  ) -> String {
    let styled = style.map { " class=\"\($0)\"" } ?? ""
    return "<text\(styled) x=\"\(short(x))\" y=\"\(short(y))\" text-anchor=\"\(anchor)\">"
      + "\(htmlEscaped(string))</text>\n"
  }
}

extension ReportContents.Curve.Point {
  /// Whether the point can be drawn: finite, and not so far out that an axis could not be labelled.
  fileprivate var isDrawable: Bool { abs(x) < 1e12 && abs(y) < 1e12 }
}
