import MedicalImaging
import Testing

@Suite struct GridFactsTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The header of a scan of 1 x 2 x 3 mm along right, front and up, times a factor, stored in an order.
  private func header(_ order: String, times factor: Double = 1, tellsOrientation: Bool = true) throws
    -> ImageHeader
  {
    let canonical = Volume(
      size: GridSize(4, 3, 2), geometry: Geometry(spacing: [factor, 2 * factor, 3 * factor]),
      voxels: [Float](repeating: 0, count: 24))
    let axisOrder = try #require(AxisOrder.all.first { "\($0)" == order })
    let volume = canonical.rearranged(by: AxisRearrangement(from: .canonical, to: axisOrder))
    let path = folder.file("\(order).nii")
    try write(volume, to: path)
    if !tellsOrientation {
      var bytes = try content(of: path)
      (bytes[252], bytes[254]) = (0, 0)
      try folder.write(bytes, to: "\(order).nii")
    }
    return try ImageHeader(contentsOf: path)
  }

  private func survey(_ headers: ImageHeader...) -> GridSurvey {
    var survey = GridSurvey()
    for header in headers { survey.add(header) }
    return survey
  }

  @Test func ordersAndSpacingsAreTold() throws {
    let survey = survey(
      try header("RAS"), try header("PSR", times: 1.5), try header("LPS", tellsOrientation: false))
    let facts = survey.facts(.canonical)
    // Without an orientation the file counts as RAS.
    #expect(facts.orders == ["RAS": 2, "PSR": 1] && facts.unorientedCount == 1)
    #expect(facts.spacing == [1...1.5, 2...3, 3...4.5])
    #expect(survey.facts(.stored).spacing == [1...3, 2...4.5, 1.5...3])
    #expect(facts.orderList == "RAS 2, PSR 1")
    #expect(survey.lines[0] == "orders       RAS 2, PSR 1")
    #expect(survey.lines.contains { $0.contains("1 of 3 scans tell no orientation") && $0.contains("RAS 1") })
  }

  @Test func scansUnlikeThoseOfTheTrainingAreTold() throws {
    let facts = survey(try header("RAS"), try header("RAS", times: 1.5)).facts(.canonical)
    for order in ["RAS", "SLP"] {
      #expect(facts.differences(of: try header(order), seen: .canonical).isEmpty)
      #expect(facts.differences(of: try header(order, times: 2.9), seen: .canonical).isEmpty)
      let far = facts.differences(of: try header(order, times: 3.1), seen: .canonical)
      #expect(far.count == 1 && far[0].contains("3.1x6.2x9.3") && far[0].contains("1.5x3.0x4.5"), "\(far)")
      #expect(facts.differences(of: try header(order, times: 0.4), seen: .canonical).count == 1)
    }
    let none = facts.differences(of: try header("RAS", tellsOrientation: false), seen: .canonical)
    #expect(none.count == 1 && none[0].contains("no orientation"))
  }

  /// Only a model that takes scans as they are stored minds their order.
  @Test func anotherOrderMattersToStoredScans() throws {
    let facts = survey(try header("RAS")).facts(.stored)
    #expect(facts.differences(of: try header("RAS"), seen: .stored).isEmpty)
    let other = facts.differences(of: try header("LAS"), seen: .stored)
    #expect(other.count == 1 && other[0].contains("LAS") && other[0].contains("RAS 1"), "\(other)")
  }
}
