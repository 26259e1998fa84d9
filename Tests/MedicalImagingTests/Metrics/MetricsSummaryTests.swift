import Foundation
import MedicalImaging
import Testing

@Suite struct MetricsSummaryTests {
  @Test func absentCasesAreCountedAndLeftOut() {
    let summary = MeasuredSummary([
      .value(0.5), .absentInTruth, .value(1), .absentInBoth, .absentInPrediction, .value(0.75),
      .absentInTruth, .value(0.25),
    ])
    #expect(summary.measuredCount == 4)
    #expect(summary.absentInTruthCount == 2)
    #expect(summary.absentInPredictionCount == 1)
    #expect(summary.absentInBothCount == 1)
    #expect(summary.mean == 0.625 && summary.median == 0.625)
    #expect(summary.standardDeviation == 0.078125.squareRoot())
  }

  @Test func nothingMeasuredHasNoMean() {
    let summary = MeasuredSummary([.absentInTruth])
    #expect(summary.mean == nil && summary.median == nil && summary.standardDeviation == nil)
    #expect(ClassSummary([]).meanTrueVolume == nil)
  }

  @Test func classesAreSummarised() throws {
    let golden = try #require(MetricsGolden.all.first { $0.name == "blobs" })
    let summary = ClassSummary(golden.metrics)
    #expect(summary.meanPredictedVolume == (167 + 188 + 456) / 3.0)
    #expect(summary.meanTrueVolume == (368 + 60 + 98) / 3.0)
    #expect(summary.dice == MeasuredSummary(golden.metrics.map(\.dice)))
    #expect(summary.hausdorff95 == MeasuredSummary(golden.metrics.map(\.hausdorff95)))
    #expect(
      summary.averageSurfaceDistance == MeasuredSummary(golden.metrics.map(\.averageSurfaceDistance)))
    let data = try JSONEncoder().encode(summary)
    #expect(try JSONDecoder().decode(ClassSummary.self, from: data) == summary)
  }

  @Test func figuresAreNumbersOrReasonsInJSON() throws {
    let figures: [Measured] = [.value(0.5), .absentInBoth, .absentInTruth, .absentInPrediction]
    let data = try JSONEncoder().encode(figures)
    #expect(
      String(decoding: data, as: UTF8.self)
        == #"[0.5,"absent","absent in truth","absent in prediction"]"#)
    #expect(try JSONDecoder().decode([Measured].self, from: data) == figures)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([Measured].self, from: Data(#"["absent in part"]"#.utf8))
    }
  }
}
