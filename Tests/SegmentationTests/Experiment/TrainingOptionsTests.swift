import MedicalImaging
import Networks
import Segmentation
import Testing
import Training

@Suite struct TrainingOptionsTests {
  /// The accurate recipe's figures, which are those of the docs: a change of a default must be meant.
  @Test func theAccurateRecipesFiguresAreFixed() {
    let options = TrainingOptions(preset: .accurate)
    #expect(options.optimizer == Optimizer(kind: .adamw, clipNorm: 12, weightDecay: 0.01))
    #expect(options.baseLearningRate == 2e-3)
    #expect(options.schedule == .cosine && options.warmUpSteps == 200)
    #expect(options.loss == .diceCrossEntropy)
    #expect(
      options.lossSettings
        == LossSettings(includesBackground: false, isPerBatch: true, averagesClasses: true))
    #expect(options.weightAverage == WeightAverage(decay: 0.999))
    #expect(options.patches?.foregroundFraction == 1.0 / 3)
    #expect(options.patches?.augmentation == .accurate)
  }
}
