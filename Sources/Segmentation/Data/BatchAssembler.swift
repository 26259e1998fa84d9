import MedicalImaging
import Networks
import SeededRandom
import TensorGraph

/// Makes the train step's batches out of prepared cases.
struct BatchAssembler: Sendable {
  /// What becomes of a case.
  enum Source: Sendable {
    /// The whole grid, or one of its tiles, after some augmentations.
    case grid(TileGrid, [any Augmentation])
    case patches(PatchSampler)
  }

  let cases: CaseCache
  let network: Network
  let source: Source

  /// The batch of some samples, each augmented by its own seed.
  ///
  /// - Throws: what reading a case that is not kept in memory throws.
  func batch(_ samples: [EpochSchedule.Sample]) throws -> TrainingBatch {
    var image: [Float] = []
    var labels: [Float] = []
    for entry in samples {
      var generator = SplitMix64(seed: entry.seed)
      let prepared = try cases.preparedCase(entry.caseIndex)
      switch source {
      case .grid(let tiles, let augmentations):
        let sample = prepared.sample.augmented(by: augmentations, using: &generator)
        let origin = tiles.isWholeGrid ? [0, 0, 0] : tiles.randomOrigin(using: &generator)
        image += tiles.input(sample.image, channelCount: sample.channelCount, origin: origin)
        labels += tiles.labels(sample.labels, origin: origin).lazy.map(Float.init)
      case .patches(let sampler):
        let patch = sampler.patch(of: prepared, caseIndex: entry.caseIndex, using: &generator)
        image += patch.image
        labels += patch.labels.lazy.map(Float.init)
      }
    }
    return TrainingBatch(
      image: Tensor(network.imageShape(batchSize: samples.count), image),
      label: Tensor(TensorType(.i32, network.labelShape(batchSize: samples.count)), labels))
  }
}

extension BatchAssembler {
  /// The batches that a record's options ask for.
  ///
  /// - Throws: what reading a case that is not kept in memory throws.
  init(cases: CaseCache, record: ModelRecord) throws {
    let (options, preparation) = (record.options, record.preparation)
    self.cases = cases
    network = options.network
    switch options.sampling {
    case .wholeGrid(let flips):
      let tiles = TileGrid(
        gridShape: preparation.gridShape, inputShape: options.network.inputShape,
        outputShape: options.network.outputShape)
      source = .grid(tiles, flips ? [RandomFlip()] : [])
    case .patches(let patches):
      guard let spacing = preparation.spacing else {
        preconditionFailure("patches are drawn at a spacing: no record is without it")
      }
      var quantiles: [[[Float]]] = []
      if patches.augmentation.histogramMatchingProbability != nil {
        quantiles = try (0..<cases.count).map {
          RandomHistogramMatching.quantiles(of: try cases.preparedCase($0).sample)
        }
      }
      source = .patches(
        PatchSampler(
          patches, shape: options.network.inputShape, spacing: spacing, quantiles: quantiles))
    }
  }
}
