import MedicalImaging

/// The one way from a scan to probabilities or a mask: one model or several, whose probabilities are averaged, and how they go
/// about a scan.
///
/// Planes across i leave the networks one after the other, go to the scan's own grid, where models at different spacings meet,
/// and are forgotten. In memory are the scan as it is stored and what is returned (a mask takes a byte for each voxel), where
/// the scan is stored in another order of its axes than the models' once more; for each preparation on one grid for all scans,
/// the scan on it; for each model, the memory of an executable for one piece (a window, or a scan of up to
/// `PredictionOptions.wholeScanLimit` voxels, or the grid of all scans), the probabilities of one piece, as many planes of the
/// model's grid as a piece is deep, and two more; and one plane of the scan's grid for each model.
public struct Predictor {
  public let models: [SegmentationModel]
  public let options: PredictionOptions
  /// Where the time of all predictions so far went, also of predictors made of this one.
  public let times: PhaseTimes

  /// - Precondition: at least one model.
  /// - Throws: `SegmentationError.modelsDiffer` where channels or classes are not the same,
  ///   `SegmentationError.orientationsDiffer` where some see scans in another order of their axes than others,
  ///   `SegmentationError.viewNotTrained` where a model's training did not show it a view of the options.
  public init(
    _ models: [SegmentationModel], options: PredictionOptions = PredictionOptions(),
    times: PhaseTimes = PhaseTimes()
  ) throws {
    precondition(!models.isEmpty, "a predictor without models")
    let preparation = models[0].record.preparation
    for model in models {
      let other = model.record.preparation
      guard other.labels == preparation.labels, other.channelNames == preparation.channelNames else {
        throw SegmentationError.modelsDiffer(
          found: other.labels.valuedNames, expected: preparation.labels.valuedNames)
      }
      guard other.orientation == preparation.orientation else { throw SegmentationError.orientationsDiffer }
      guard options.notANumber != nil || other.notANumber == preparation.notANumber else {
        throw SegmentationError.replacementsDiffer
      }
      guard options.views.allSatisfy(model.record.options.knows) else {
        throw SegmentationError.viewNotTrained(model: "the model of \(model.record.datasetName)")
      }
    }
    self.models = models
    self.options = options
    self.times = times
  }

  /// One model, with the options as they are by default.
  public init(_ model: SegmentationModel) {
    models = [model]
    options = PredictionOptions()
    times = PhaseTimes()
  }

  init(_ models: [SegmentationModel], checkedOptions options: PredictionOptions, _ times: PhaseTimes) {
    self.models = models
    self.options = options
    self.times = times
  }

  /// The same predictor with another postprocessing.
  public func postprocessing(by postprocessing: Postprocessing) -> Predictor {
    var options = options
    options.postprocessing = postprocessing
    return Predictor(models, checkedOptions: options, times)
  }

  /// What a scan must be like: channels, classes and orientation are the same for all models, as is what is taken for voxels
  /// that are not a number, of which the options decide.
  var preparation: Preparation {
    var preparation = models[0].record.preparation
    preparation.notANumber = options.notANumber ?? preparation.notANumber
    return preparation
  }

  /// What the masks' values mean.
  var labels: LabelScheme { preparation.labels }

  /// A scan's mask on its own grid, in whichever order of the axes it is, after the postprocessing.
  public func mask(of volume: Volume) throws -> LabelVolume {
    try mask(of: OrderedVolume(StoredVolume(volume), preparation.orientation))
  }

  func mask(of scan: OrderedVolume) throws -> LabelVolume {
    scan.storage.restored(try indices(of: scan)).valued(by: labels)
  }

  /// A scan's mask of the labels' indices in the model's order, after the postprocessing.
  func indices(of scan: OrderedVolume) throws -> LabelVolume {
    try times.measuring(.resamplingBack) {
      var mask = PlanewiseMask(size: scan.volume.size, labels)
      try forEachPlane(of: scan) { mask.add($0) }
      return processed(mask, of: scan)
    }
  }

  /// A scan's probabilities on its own grid, one channel for each class or region, and its mask.
  public func probabilitiesAndMask(
    of volume: Volume
  ) throws -> (probabilities: Volume, mask: LabelVolume) {
    try probabilitiesAndMask(of: OrderedVolume(StoredVolume(volume), preparation.orientation))
  }

  func probabilitiesAndMask(
    of scan: OrderedVolume
  ) throws -> (probabilities: Volume, mask: LabelVolume) {
    let (probabilities, indices) = try probabilitiesAndIndices(of: scan)
    return (scan.storage.restored(probabilities), scan.storage.restored(indices).valued(by: labels))
  }

  /// A scan's probabilities and its mask of the labels' indices in the model's order.
  func probabilitiesAndIndices(
    of scan: OrderedVolume
  ) throws -> (probabilities: Volume, indices: LabelVolume) {
    try times.measuring(.resamplingBack) {
      let volume = scan.volume
      var probabilities = PlanewiseVolume(size: volume.size, classCount: labels.outputNames.count)
      var mask = PlanewiseMask(size: volume.size, labels)
      try forEachPlane(of: scan) {
        probabilities.add($0)
        mask.add($0)
      }
      return (probabilities.volume(volume.geometry), processed(mask, of: scan))
    }
  }

  /// A scan's mask in the model's order, after the postprocessing.
  private func processed(_ mask: PlanewiseMask, of scan: OrderedVolume) -> LabelVolume {
    options.postprocessing.applied(to: mask.mask(scan.volume.geometry), labels)
  }

  // MARK: Planes

  /// Calls `body` with the mean probabilities `[J, K, classes]` of each plane across i of a scan's own grid, in the models'
  /// order.
  ///
  /// - Parameter onGridPlane: called with each plane `[H, W, classes]` of a model's grid on the way, and the model's index; the
  ///   models then predict to their grids' end, where the scan's last plane does not need that.
  func forEachPlane(
    of scan: OrderedVolume, onGridPlane: ((Int, [Float]) -> Void)? = nil, _ body: ([Float]) -> Void
  ) throws {
    var sources = try sources(of: scan)
    for _ in 0..<scan.volume.size.i {
      var sum = try sources[0].next { onGridPlane?(0, $0) }
      for index in sources.indices.dropFirst() {
        let other = try sources[index].next { onGridPlane?(index, $0) }
        for element in sum.indices { sum[element] += other[element] }
      }
      if models.count > 1 { for element in sum.indices { sum[element] /= Float(models.count) } }
      body(sum)
    }
    guard let onGridPlane else { return }
    for index in sources.indices { try sources[index].finish { onGridPlane(index, $0) } }
  }

  /// The planes of each model. Models that prepare scans alike share the prepared scan.
  private func sources(of scan: OrderedVolume) throws -> [NativePlanes] {
    var images: [(preparation: Preparation, image: PreparedImage)] = []
    return try models.map { model in
      let preparation = model.record.preparation
      let depth = model.graphs.network.inputShape[0]
      try preparation.requireMemory(for: scan, as: .window(depth: depth, classCount: model.classCount))
      let known = images.first { $0.preparation == preparation }?.image
      let image = known ?? times.measuring(.preparing) { preparation.image(of: scan.volume) }
      if known == nil { images.append((preparation, image)) }
      return NativePlanes(onto: scan.volume.size, of: image, by: model, options, times)
    }
  }
}
