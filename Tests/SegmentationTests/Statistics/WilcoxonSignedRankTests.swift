import Segmentation
import Testing

// scipy 1.17: stats.wilcoxon(x, zero_method="wilcox", correction=True, method="exact" or "approx").
@Suite struct WilcoxonSignedRankTests {
  /// 1, 2, -3, 4, 5, -6 and on: every third is negative.
  private func everyThirdNegative(_ count: Int) -> [Double] {
    (1...count).map { Double($0) * ($0 % 3 == 0 ? -1 : 1) }
  }

  @Test func fewDifferencesWithoutTiesAreExact() throws {
    // Depression scores of Hollander and Wolfe, table 3.1: before minus after.
    let depression = [0.952, -0.147, 1.022, 0.430, 0.620, 0.590, 0.490, -0.080, 0.010]
    let test = try #require(WilcoxonSignedRank(depression))
    #expect(test.isExact && test.count == 9)
    #expect(test.positiveRankSum == 40 && test.negativeRankSum == 5)
    #expect(test.probability == 0.0390625)
    let most = try #require(WilcoxonSignedRank(everyThirdNegative(25)))
    #expect(most.isExact && most.negativeRankSum == 108)
    #expect(abs(most.probability - 0.14847958087921143) < 1e-15)
    #expect(WilcoxonSignedRank([0.1])?.probability == 1)
    let allPositive = try #require(WilcoxonSignedRank((1...25).map(Double.init)))
    #expect(allPositive.probability == 5.960464477539063e-08)
  }

  @Test func manyDifferencesAreNormal() throws {
    let test = try #require(WilcoxonSignedRank(everyThirdNegative(26)))
    #expect(!test.isExact)
    #expect(abs(test.probability - 0.08881828327172404) < 1e-14)
  }

  @Test func tiesAreCorrectedAndZerosLeftOut() throws {
    let test = try #require(WilcoxonSignedRank([1, -1, 2, 2, -3, 4, 4, 4, 5, 0, 0, -6, 7]))
    #expect(test.count == 11 && !test.isExact && test.negativeRankSum == 16.5)
    #expect(abs(test.probability - 0.15363481830480338) < 1e-14)
    #expect(WilcoxonSignedRank([1, -1])?.probability == 1)
    #expect(WilcoxonSignedRank([2, -2, 1, -1])?.probability == 1)
  }

  @Test func signsTurnedGiveTheSame() throws {
    let differences = [0.02, -0.01, 0.03, 0, 0.05, 0.04, -0.005, 0.06]
    let (test, turned) = (WilcoxonSignedRank(differences), WilcoxonSignedRank(differences.map { -$0 }))
    #expect(test?.probability == 0.078125 && turned?.probability == 0.078125)
    #expect(test?.negativeRankSum == 3 && turned?.positiveRankSum == 3)
  }

  @Test func withoutDifferencesThereIsNoTest() {
    #expect(WilcoxonSignedRank([]) == nil && WilcoxonSignedRank([0, 0]) == nil)
  }
}
