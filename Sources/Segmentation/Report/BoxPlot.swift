import Foundation
import MedicalImaging

/// A box plot of some groups of values, drawn as SVG: the box from the first to the third quartile with the median, the
/// whiskers to the last value within 1.5 boxes, values beyond as points, the mean as a diamond.
///
/// Source: Tukey 1977, "Exploratory data analysis".
package struct BoxPlot {
  package var title: String
  /// Names and values; those that are not finite are left out.
  package var groups: [(name: String, values: [Double])]

  /// Extent of the picture and of the margins around the plot, in pixels.
  private static let (width, height) = (640.0, 320.0)
  private static let (left, right, top, bottom) = (64.0, 16.0, 36.0, 32.0)

  package init(title: String, groups: [(name: String, values: [Double])]) {
    self.title = title
    self.groups = groups
  }

  /// The plot as an `<svg>` element.
  package func svg() -> String {
    let all = groups.flatMap(\.values).filter { abs($0) < 1e12 }
    guard !all.isEmpty else { return "<p>\(htmlEscaped(title)): no values</p>\n" }
    let axis = Axis(
      fitting: all, from: Self.height - Self.bottom, to: Self.top, minimumStep: 1e-9)
    return """
      <svg viewBox="0 0 \(short(Self.width)) \(short(Self.height))" role="img" \
      aria-label="\(htmlEscaped(title))">
      <text class="title" x="\(short(Self.left))" y="20">\(htmlEscaped(title))</text>
      \(grid(axis))\(groups.indices.map { box($0, axis) }.joined())</svg>

      """
  }

  private func grid(_ axis: Axis) -> String {
    axis.ticks.map { tick in
      let y = short(axis.position(of: tick))
      return
        "<line class=\"grid\" x1=\"\(short(Self.left))\" x2=\"\(short(Self.width - Self.right))\" y1=\"\(y)\" "
        + "y2=\"\(y)\"/>\n<text x=\"\(short(Self.left - 8))\" y=\"\(short(axis.position(of: tick) + 4))\" "
        + "text-anchor=\"end\">\(axis.label(of: tick))</text>\n"
    }.joined()
  }

  private func box(_ index: Int, _ axis: Axis) -> String {
    let values = groups[index].values.filter { abs($0) < 1e12 }.sorted()
    let slot = (Self.width - Self.left - Self.right) / Double(groups.count)
    let middle = Self.left + (Double(index) + 0.5) * slot
    let half = min(40, slot / 4)
    let name =
      "<text x=\"\(short(middle))\" y=\"\(short(Self.height - 10))\" text-anchor=\"middle\">"
      + "\(htmlEscaped(groups[index].name))</text>\n"
    guard !values.isEmpty else { return name }
    let color = LineChart.colors[index % LineChart.colors.count]
    func y(_ value: Double) -> String { short(axis.position(of: value)) }
    func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> String {
      "<path stroke=\"\(color)\" fill=\"none\" d=\"M\(short(x1)) \(y(y1))L\(short(x2)) \(y(y2))\"/>\n"
    }
    let quartiles = [25.0, 50, 75].map { percentile($0, ofSorted: values) }
    let reach = 1.5 * (quartiles[2] - quartiles[0])
    let inner = values.filter { $0 >= quartiles[0] - reach && $0 <= quartiles[2] + reach }
    let (low, high) = (inner[0], inner[inner.count - 1])
    let mean = axis.position(of: values.reduce(0, +) / Double(values.count))
    let top = axis.position(of: quartiles[2])
    let points = values.filter { $0 < low || $0 > high }.map {
      "<circle cx=\"\(short(middle))\" cy=\"\(y($0))\" r=\"2.5\" fill=\"none\" stroke=\"\(color)\"/>\n"
    }
    return name + points.joined() + line(middle, low, middle, quartiles[0])
      + line(middle, quartiles[2], middle, high) + line(middle - half / 2, low, middle + half / 2, low)
      + line(middle - half / 2, high, middle + half / 2, high)
      + "<rect x=\"\(short(middle - half))\" y=\"\(short(top))\" width=\"\(short(2 * half))\" "
      + "height=\"\(short(axis.position(of: quartiles[0]) - top))\" fill=\"\(color)\" fill-opacity=\"0.15\" "
      + "stroke=\"\(color)\"/>\n" + line(middle - half, quartiles[1], middle + half, quartiles[1])
      + "<path fill=\"\(color)\" d=\"M\(short(middle)) \(short(mean - 4))l4 4l-4 4l-4 -4z\"/>\n"
  }
}
