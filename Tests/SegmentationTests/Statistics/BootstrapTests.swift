import Segmentation
import Testing

@Suite struct BootstrapTests {
  private let dice: [Double?] = [0.91, 0.85, 0.78, 0.88, 0.93, 0.67, 0.81, 0.90, 0.86, 0.74]
  private let partlyAbsent: [Double?] = [0.91, nil, 0.78, nil, 0.93, 0.67, nil, 0.90, 0.86, 0.74]

  private func isNear(_ found: ConfidenceInterval?, _ lower: Double, _ upper: Double, _ tolerance: Double)
    -> Bool
  {
    guard let found else { return false }
    return abs(found.lower - lower) < tolerance && abs(found.upper - upper) < tolerance
  }

  // numpy: SplitMix64 of seed 0 as in Steele et al., u = (next >> 11) * 2**-53; 2000 times the mean of x[int(u * n)] over n draws
  // (over the values that there are; over both classes their mean); np.percentile(means, [2.5, 97.5]).
  @Test func intervalsAreThoseOfTheSameDrawsInNumPy() {
    #expect(isNear(Bootstrap.interval(ofMean: dice), 0.783, 0.877025, 1e-9))
    #expect(isNear(Bootstrap.interval(ofMean: partlyAbsent), 0.758, 0.89166666667, 1e-9))
    #expect(
      isNear(
        Bootstrap.interval(ofMeanOverClasses: [dice, partlyAbsent]), 0.7716218750, 0.8841250000, 1e-8))
  }

  // scipy.stats.bootstrap((x,), np.mean, n_resamples=200000, method="percentile", rng=1): 0.782 to 0.878.
  @Test func intervalsAreThoseOfSciPyButForChance() {
    #expect(isNear(Bootstrap.interval(ofMean: dice), 0.782, 0.878, 0.004))
  }

  @Test func equalFiguresHaveAnIntervalWithoutWidthAndOneCaseHasNone() {
    #expect(
      Bootstrap.interval(ofMean: [0.5, 0.5, 0.5]) == ConfidenceInterval(lower: 0.5, upper: 0.5))
    #expect(Bootstrap.interval(ofMean: [0.5]) == nil)
    #expect(Bootstrap.interval(ofMean: [nil, 0.5, nil]) == nil)
    #expect(Bootstrap.interval(ofMean: []) == nil && Bootstrap.interval(ofMeanOverClasses: []) == nil)
  }
}
