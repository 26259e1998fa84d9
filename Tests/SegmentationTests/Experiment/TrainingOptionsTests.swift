import MedicalImaging
import Networks
import Segmentation
import Testing
import Training

@Suite struct TrainingOptionsTests {
  /// The accurate recipe's figures, which are those of the docs: a change of a default must be meant.
  @Test func theAccurateRecipesFiguresAreFixed() {
    let options = TrainingOptions(preset: .accurate)
    #expect(options.optimizer == .adamw(weightDecay: 0.01) && options.clipNorm == 12)
    #expect(options.baseLearningRate == 2e-3)
    #expect(options.schedule == .cosine && options.warmUpSteps == 200)
    #expect(
      options.loss
        == .diceCrossEntropy(
          overlap: Overlap(includesBackground: false, isPerBatch: true, averagesClasses: true)))
    #expect(options.weightAverage == WeightAverage(decay: 0.999))
    #expect(options.sampling == .patches(options: PatchOptions()))
    #expect(options.sampling.patches?.foregroundFraction == 1.0 / 3)
    #expect(options.sampling.patches?.augmentation == .accurate)
    #expect(options.sampling.flips == nil)
  }

  @Test func theReferencesFiguresAreFixed() {
    for preset in [Preset.hippocampus, .milletari, .unpadded] {
      let options = TrainingOptions(preset: preset)
      #expect(options.optimizer == .rmsprop() && options.clipNorm == nil && options.loss == .dice())
      #expect(options.sampling == .wholeGrid(flips: false) && options.sampling.patches == nil)
      #expect(options.batchSize == 2 && options.epochs == 80 && options.baseLearningRate == 1e-4)
    }
  }
}
