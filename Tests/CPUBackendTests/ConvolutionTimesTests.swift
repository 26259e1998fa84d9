import CPUBackend
import Testing

@Suite struct ConvolutionTimesTests {
  private func times(_ points: [(units: Int, seconds: Double)]) -> ConvolutionTimes {
    var times = ConvolutionTimes()
    for point in points {
      times.append(ConvolutionTimes.Point(units: point.units, seconds: point.seconds), of: .direct)
    }
    return times
  }

  /// Straight lines between what was measured, in proportion below, and beyond from the first to the last.
  @Test(arguments: [(1, 1.0), (2, 2), (6, 4), (10, 6), (30, 16), (50, 26), (100, 51)])
  func timesFollowFromWhatWasMeasured(_ units: Int, _ seconds: Double) throws {
    let found = try #require(times([(2, 2), (10, 6), (50, 26)]).seconds(of: .direct, units: units))
    #expect(abs(found - seconds) < 1e-12)
  }

  @Test func whatWasNotMeasuredHasNoTime() {
    #expect(times([(2, 2)]).seconds(of: .narrow, units: 3) == nil)
  }

  @Test func descriptionKeepsEveryBit() throws {
    var times = times([(64, 0.1 + 0.2), (4096, 1e-3 / 3)])
    times.append(ConvolutionTimes.Point(units: 1, seconds: 2e-5), of: .winograd(4, 4, 4))
    times.append(weightSeconds: 3e-5, of: .winograd(4, 4, 4))
    times.append(weightSeconds: 0.1 + 0.2, of: .winograd(4, 4, 4))
    #expect(
      times.description
        == "direct: 64 0.30000000000000004, 4096 0.0003333333333333333; winograd 4x4x4: 1 2e-05 + 3e-05")
    #expect(ConvolutionTimes(description: times.description) == times)
  }

  @Test(arguments: [
    "", "direct", "direct: ", "direct: 1", "magic: 1 2", "direct: 2 1, 1 1", "direct: 1 -1", "direct: 1 nan",
    "direct: 1 1 +", "direct: 1 1 + -1", "direct: 1 1 + 1 + 1", "direct: + 1",
  ])
  func otherTextIsNoTimes(_ text: String) {
    #expect(ConvolutionTimes(description: text) == nil)
  }
}
