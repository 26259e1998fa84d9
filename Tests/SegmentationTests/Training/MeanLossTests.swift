import Segmentation
import Testing

@Suite struct MeanLossTests {
  private func step(images: Int, loss: Double, wasSkipped: Bool = false) -> TrainingStep {
    TrainingStep(
      epoch: 0, iteration: 0, images: images, loss: loss, gradientNorm: wasSkipped ? .infinity : 1,
      learningRate: 0.1, lossScale: 1024, wasSkipped: wasSkipped)
  }

  private func mean(_ steps: TrainingStep...) -> Double? {
    var mean = MeanLoss()
    for step in steps { mean.add(step) }
    return mean.value
  }

  @Test func isOverImages() {
    #expect(mean(step(images: 3, loss: 1), step(images: 1, loss: 2)) == 1.25)
  }

  /// Neither in the sum nor in the count: (2 * 1 + 2 * 0.5) / 4.
  @Test(arguments: [Double.infinity, .nan, 8])
  func skippedStepsCountInNothing(_ loss: Double) {
    let skipped = step(images: 2, loss: loss, wasSkipped: true)
    #expect(mean(step(images: 2, loss: 1), skipped, step(images: 2, loss: 0.5)) == 0.75)
    #expect(mean(skipped) == nil)
  }

  @Test func aLossThatOverflowedCountsInNothing() {
    #expect(mean(step(images: 2, loss: 1), step(images: 2, loss: .infinity)) == 1)
  }
}
