import MedicalImaging
import SeededRandom
import TensorGraph
import VNetModel

/// Makes the train step's batches out of prepared cases.
struct BatchAssembler {
  let cases: [PreparedCase]
  let model: VNet
  let tiles: TileGrid
  let augmentations: [any Augmentation]

  /// `image` and `label` of a batch, each sample augmented by its own seed.
  func batch(_ samples: [EpochSchedule.Sample]) -> [String: Tensor] {
    var image: [Float] = []
    var labels: [Float] = []
    for entry in samples {
      var generator = SplitMix64(seed: entry.seed)
      var sample = cases[entry.caseIndex].sample
      for augmentation in augmentations { sample = augmentation.augmented(sample, using: &generator) }
      let origin = tiles.isWholeGrid ? [0, 0, 0] : tiles.randomOrigin(using: &generator)
      image += tiles.input(sample.image, channelCount: sample.channelCount, origin: origin)
      labels += tiles.labels(sample.labels, origin: origin).lazy.map(Float.init)
    }
    return [
      "image": Tensor(model.imageShape(batchSize: samples.count), image),
      "label": Tensor(TensorType(.i32, model.labelShape(batchSize: samples.count)), labels),
    ]
  }
}
