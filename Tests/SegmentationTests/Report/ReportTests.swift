import CZlib
import Foundation
import MedicalImaging
import Segmentation
import Testing

@Suite struct ReportTests {
  static func curve(_ name: String, _ values: [Double]) -> ReportContents.Curve {
    .init(name: name, points: values.enumerated().map { .init(x: Double($0 + 1), y: $1) })
  }

  static let contents = ReportContents(
    title: "Run <1> & \"co\"",
    configuration: [.init(name: "--preset", value: "hippo'campus")],
    lossCurves: [curve("training", [2.1, 1.4, 0.9])],
    diceCurves: [curve("Anterior", [0.2, 0.5, 0.8]), curve("Posterior", [0.1, .nan, 0.7])],
    classScores: [
      .init(
        className: "Anterior", softDice: 0.85374, dice: 0.84, hausdorffDistance95: 1,
        averageSurfaceDistance: 0.4)
    ],
    caseScores: [.init(caseName: "<case>", scores: [.init(className: "Posterior", softDice: 0.5)])],
    figures: [
      .init(caption: "case 7 & slice 3", picture: Picture(width: 2, height: 2, color: .init(gray: 9)))
    ],
    classNames: ["Anterior", "Posterior"])

  @Test func allTextIsEscaped() {
    let html = Self.contents.html()
    #expect(html.contains("<h1>Run &lt;1&gt; &amp; &quot;co&quot;</h1>"))
    #expect(html.contains("hippo&#39;campus"))
    #expect(html.contains("<td>&lt;case&gt;</td>"))
    #expect(html.contains("alt=\"case 7 &amp; slice 3\""))
    #expect(!html.contains("<case>") && !html.contains("Run <1>"))
  }

  @Test func figuresOfScoresAreRounded() {
    let html = Self.contents.html()
    #expect(html.contains("<td>0.8537</td><td>0.8400</td><td>1.00</td><td>0.40</td><td>"))
    #expect(html.contains("<td>0.5000</td><td><span class=\"absent\">absent</span></td>"))
  }

  @Test func meansStandBesideTheirIntervals() {
    var contents = Self.contents
    #expect(!contents.html().contains("95 %"))
    contents.classScores[0].intervals = [
      .dice: ConfidenceInterval(lower: 0.7, upper: 0.91234),
      .hausdorff95: ConfidenceInterval(lower: 0.5, upper: 2),
    ]
    contents.classScores[0].distanceCount = DistanceCount(measured: 9, present: 10)
    let html = contents.html()
    #expect(html.contains("<td>0.8400 <span class=\"interval\">[0.7000, 0.9123]</span></td>"))
    #expect(html.contains("<td>1.00 <span class=\"interval\">[0.50, 2.00]</span> (9 of 10)</td>"))
    #expect(html.contains("<td>0.8537</td>") && html.contains("In brackets the 95 % confidence intervals"))
  }

  @Test func theReportNeedsNoOtherFile() {
    let html = Self.contents.html()
    #expect(html.contains("src=\"data:image/png;base64,iVBORw0KGgo"))
    for word in ["http:", "https:", "src=\"/", "<script src", "<link", "url("] {
      #expect(!html.contains(word))
    }
  }

  private static let twoCases = ReportContents(
    title: "Cases",
    caseScores: [
      .init(caseName: "a", scores: [.init(className: "Part", dice: 0.5, trueVolume: 12)]),
      .init(caseName: "b", scores: [.init(className: "Part", dice: 0.9)]),
    ], classNames: ["Part"])

  @Test func severalCasesHaveBoxesAndATableThatSorts() {
    let html = Self.twoCases.html()
    #expect(html.contains("<table class=\"sortable\">"))
    #expect(html.contains("aria-label=\"Dice\"") && html.contains("HD95 (mm): no values"))
    #expect(html.contains("<td>12</td>"))
    #expect(html.contains("querySelectorAll(\"table.sortable th\")"))
  }

  @Test func outliersAreBeyondTheWhiskers() {
    let svg = BoxPlot(title: "t", groups: [("a", [1, 2, 3, 4, 5, 100, .nan])]).svg()
    #expect(svg.components(separatedBy: "<circle").count == 2)
    #expect(svg.components(separatedBy: "<rect").count == 2 && !svg.contains("nan"))
    #expect(BoxPlot(title: "t", groups: [("a", [.infinity])]).svg().contains("no values"))
  }

  @Test func aViewerHoldsTheBoxAroundTheMasks() throws {
    let size = GridSize(60, 50, 40)
    let geometry = Geometry(spacing: [1, 2, 3])
    var labels = [UInt8](repeating: 0, count: size.count)
    labels[(20 * 50 + 25) * 60 + 30] = 1
    let mask = LabelVolume(size: size, geometry: geometry, labels: labels)
    let scan = Volume(
      size: size, geometry: geometry, voxels: (0..<size.count).map { Float($0 % 60) })
    let html = SliceViewer(caption: "<1>", scan: scan, truth: mask, prediction: mask).html()
    #expect(html.contains("data-extents=\"25 25 25\"") && html.contains("data-spacing=\"1 2 3\""))
    #expect(html.contains("data-origin=\"18 13 8\"") && html.contains("data-steps=\"1 1 1\""))
    #expect(html.contains("value=\"12\"") && html.contains("&lt;1&gt;") && html.contains("axial"))
    let empty = LabelVolume(
      size: size, geometry: geometry, labels: [UInt8](repeating: 0, count: size.count))
    #expect(
      SliceViewer(caption: "", scan: scan, truth: empty, prediction: empty).html()
        .contains("data-extents=\"60 50 40\""))
  }

  /// What the script unpacks: the scan's shades, the truth, the prediction, i fastest.
  @Test func aViewerHoldsItsVoxels() throws {
    let size = GridSize(3, 2, 2)
    let scan = Volume(size: size, geometry: Geometry(spacing: [1, 1, 1]), voxels: (0..<12).map { Float($0) })
    func mask(_ voxel: Int, _ label: UInt8) -> LabelVolume {
      var labels = [UInt8](repeating: 0, count: 12)
      labels[voxel] = label
      return LabelVolume(size: size, geometry: scan.geometry, labels: labels)
    }
    let html = SliceViewer(caption: "", scan: scan, truth: mask(4, 1), prediction: mask(7, 2)).html()
    let text = try #require(html.split(separator: "data-volumes=\"").last?.split(separator: "\"").first)
    let stream = [UInt8](try #require(Data(base64Encoded: String(text))))
    var volumes = [UInt8](repeating: 0, count: 36)
    var count = uLong(36)
    #expect(uncompress(&volumes, &count, stream, uLong(stream.count)) == Z_OK && count == 36)
    #expect(volumes[0] == 0 && volumes[11] == 255)
    #expect(volumes[12...].firstIndex(of: 1) == 16 && volumes[24...].firstIndex(of: 2) == 31)
  }

  @Test func whatWasMeasuredStandsAtTheTop() throws {
    var contents = Self.contents
    contents.terms = [.init(name: "Data set", value: "<b>")]
    let html = contents.html()
    let (terms, settings) = (html.range(of: "<dd>&lt;b&gt;</dd>"), html.range(of: "hippo&#39;campus"))
    let scores = html.range(of: "Scores by class")
    #expect(try #require(terms).lowerBound < #require(settings).lowerBound)
    #expect(try #require(settings).lowerBound < #require(scores).lowerBound)
  }

  @Test func equalContentsGiveEqualText() {
    #expect(Self.contents.html() == Self.contents.html())
  }

  @Test func whatIsMissingIsLeftOut() {
    let html = ReportContents(title: "Empty").html()
    #expect(!html.contains("<section>") && !html.contains("<table"))
  }

  @Test func pointsThatCannotBeDrawnAreLeftOut() {
    let html = ReportContents(
      title: "t", lossCurves: [Self.curve("a", [1, .infinity, .nan, 1e300, 2])]
    ).html()
    #expect(html.contains("<polyline points=\"64,272 624,36\""))
    #expect(!html.contains("nan") && !html.contains("inf"))
    let nothing = ReportContents(title: "t", lossCurves: [Self.curve("a", [.nan])]).html()
    #expect(nothing.contains("Loss: no values"))
  }

  @Test(arguments: [[1.0], [0, 0, 0], [1e-12, 2e-12], [-1e11, 1e11], [1e9, 1e9 + 1e-6]])
  func anyValuesHaveAnAxis(values: [Double]) {
    let html = ReportContents(title: "t", lossCurves: [Self.curve("a", values)]).html()
    #expect(html.contains("class=\"axis\"") && !html.contains("nan"))
    #expect(html.utf8.count < 20_000)
  }
}
