import MedicalImaging

/// Models that predict together: the mean of their probabilities. Often one model alone.
public struct Ensemble {
  public let models: [SegmentationModel]
  public var postprocessing: Postprocessing

  /// - Throws: `SegmentationError.modelsDiffer` where channels or classes are not the same.
  public init(_ models: [SegmentationModel], postprocessing: Postprocessing = Postprocessing()) throws {
    precondition(!models.isEmpty, "an ensemble of no models")
    self.models = models
    self.postprocessing = postprocessing
    for model in models.dropFirst()
    where model.record.preparation.classNames != preparation.classNames
      || model.record.preparation.channelNames != preparation.channelNames
    {
      throw SegmentationError.modelsDiffer(
        found: model.record.preparation.classNames, expected: preparation.classNames)
    }
  }

  /// What a scan must be like; the same for all models.
  var preparation: Preparation { models[0].record.preparation }

  /// A scan's class probabilities on its own grid, one channel for each class.
  package func probabilities(of volume: Volume) throws -> Volume {
    var sum = try models[0].nativeProbabilities(of: volume)
    for model in models.dropFirst() {
      let other = try model.nativeProbabilities(of: volume)
      for index in sum.voxels.indices { sum.voxels[index] += other.voxels[index] }
    }
    if models.count > 1 { for index in sum.voxels.indices { sum.voxels[index] /= Float(models.count) } }
    return sum
  }

  /// A scan's mask on its own grid. Where the models predict at one spacing, only a few planes of probabilities are in
  /// memory at a time.
  package func mask(of volume: Volume) throws -> LabelVolume {
    let isPlanewise = models.allSatisfy { $0.record.preparation.spacing != nil }
    let grids = models.map { $0.record.preparation.grid(for: volume.size, volume.geometry) }
    guard isPlanewise, grids.allSatisfy({ $0 == grids[0] }) else {
      return processed(try probabilities(of: volume).mostProbableClasses())
    }
    var mask = PlanewiseMask(
      from: grids[0].extents, to: volume.size, classCount: preparation.classNames.count)
    try forEachPlane(of: volume) { mask.add($0) }
    return processed(LabelVolume(size: volume.size, geometry: volume.geometry, labels: mask.labels))
  }

  /// Calls `body` with the models' mean probabilities `[H, W, classes]` of one plane after the other.
  private func forEachPlane(of volume: Volume, _ body: ([Float]) -> Void) throws {
    // Models that prepare scans alike share the prepared scan.
    var images: [(preparation: Preparation, image: PreparedImage)] = []
    var sources: [ScanPlanes] = []
    for model in models {
      let preparation = model.record.preparation
      let known = images.first { $0.preparation == preparation }?.image
      let image = known ?? preparation.image(of: volume)
      if known == nil { images.append((preparation, image)) }
      sources.append(ScanPlanes(of: image, by: model))
    }
    images = []
    while var sum = try sources[0].next() {
      for index in sources.indices.dropFirst() {
        guard let other = try sources[index].next() else { return }
        for element in sum.indices { sum[element] += other[element] }
      }
      if models.count > 1 { for element in sum.indices { sum[element] /= Float(models.count) } }
      body(sum)
    }
  }

  /// A mask after the postprocessing.
  func processed(_ mask: LabelVolume) -> LabelVolume {
    postprocessing.applied(to: mask, classNames: preparation.classNames)
  }
}

extension SegmentationModel {
  /// A scan's class probabilities on its own grid, one channel for each class.
  func nativeProbabilities(of volume: Volume) throws -> Volume {
    nativeProbabilities(
      try probabilities(of: [record.preparation.image(of: volume)])[0], of: volume)
  }
}
