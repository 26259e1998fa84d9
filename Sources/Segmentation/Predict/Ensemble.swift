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

  /// A scan's mask on its own grid.
  package func mask(of volume: Volume) throws -> LabelVolume {
    let mask =
      models.count == 1
      ? try models[0].mask(of: volume) : try probabilities(of: volume).mostProbableClasses()
    return processed(mask)
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
