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

  /// The fast recipe is the accurate one but for its length and its batches.
  @Test func theFastRecipesFiguresAreFixed() {
    var options = TrainingOptions(preset: .fast)
    let patches = options.sampling.patches!
    #expect(options.epochs == 40 && options.batchSize == 4)
    #expect(patches.leastSteps == 47 && patches.wishes == PlanWishes(largestBatchSize: 4))
    let length = RunLength(
      caseCount: 187, patches, batchSize: 4, batchVoxels: 4 * 32 * 48 * 32, epochs: options.epochs,
      warmUpSteps: options.warmUpSteps)
    #expect(length.epochs == 40 && length.batchesPerEpoch == 47 && length.warmUpSteps == 104)
    // Three cases in large patches: about as many voxels.
    let large = RunLength(
      caseCount: 3, patches, batchSize: 2, batchVoxels: 2 * 96 * 104 * 104, epochs: options.epochs,
      warmUpSteps: options.warmUpSteps)
    #expect(large.epochs == 3 && large.batchesPerEpoch == 47)
    let accurate = TrainingOptions(preset: .accurate)
    (options.preset, options.epochs, options.batchSize) = (.accurate, accurate.epochs, accurate.batchSize)
    options.sampling = accurate.sampling
    #expect(options == accurate)
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
