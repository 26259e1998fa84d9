import MedicalImaging

extension Predictor {
  /// Evaluates cases one after the other; none is left out.
  ///
  /// Masks are measured as the models give them, before the postprocessing; the figures of each class's largest component
  /// stand beside. Soft Dice is that of the probabilities on the model's grid; of several models, on the scan's own grid.
  /// A case takes the memory of its prediction, the truth on the grid of the soft Dice, and a copy of its mask.
  ///
  /// - Parameters:
  ///   - replicas: each evaluates its share of the cases, and all receive the whole.
  ///   - progress: called after each case with the number done.
  /// - Throws: `ImageError` or `SegmentationError` for a case that cannot be read.
  public func evaluate(
    _ cases: [Case], sharedBy replicas: Replicas = Replicas(), progress: (Int) -> Void = { _ in }
  ) throws -> Evaluation {
    var own: [CaseEvaluation] = []
    for entry in replicas.share(of: cases) {
      own.append(try evaluate(entry))
      progress(own.count)
    }
    return Evaluation(
      classNames: labels.structures.map(\.name), cases: try replicas.joined(own))
  }

  private func evaluate(_ entry: Case) throws -> CaseEvaluation {
    let scan = try LabelledScan(entry, preparation: preparation)
    let (mask, softDice) = try unprocessedMask(of: scan)
    let structures = labels.structures
    let metrics = labels.metrics(prediction: mask, truth: scan.labels, of: structures)
    let classes = zip(structures, metrics).map { structure, metrics in
      let largest = labels.keepingLargestComponent(of: structure, in: mask)
      return ClassEvaluation(
        className: structure.name, softDice: softDice[structure.output], metrics: metrics,
        largestComponentMetrics: largest == mask
          ? nil : labels.metrics(prediction: largest, truth: scan.labels, of: [structure])[0])
    }
    return CaseEvaluation(caseName: entry.name, classes: classes)
  }

  /// A scan's mask before the postprocessing, and the soft Dice of each output.
  private func unprocessedMask(of scan: LabelledScan) throws -> (LabelVolume, softDice: [Double]) {
    let volume = scan.volume
    var mask = PlanewiseMask(size: volume.size, labels)
    let isOnModelsGrid = models.count == 1
    var softDice = PlanewiseSoftDice(
      truth: isOnModelsGrid ? preparation.labels(of: scan.labels) : scan.labels.networkOrdered, labels)
    if isOnModelsGrid {
      try forEachPlane(of: volume, onGridPlane: { softDice.add($1) }, { mask.add($0) })
    } else {
      try forEachPlane(of: volume) {
        softDice.add($0)
        mask.add($0)
      }
    }
    return (mask.mask(volume.geometry), softDice.values)
  }

  /// The soft Dice of each output for a prepared case on the model's grid.
  ///
  /// - Precondition: one model.
  func softDice(of entry: PreparedCase) throws -> [Double] {
    precondition(models.count == 1, "several models have no one grid")
    var planes = ScanPlanes(of: entry.image, by: models[0], options)
    var softDice = PlanewiseSoftDice(truth: entry.sample.labels, labels)
    while let plane = try planes.next() { softDice.add(plane) }
    return softDice.values
  }
}

/// The soft Dice of a case whose probabilities come plane by plane.
private struct PlanewiseSoftDice {
  /// `[D, H, W]`.
  private let truth: [UInt8]
  private let outputCount: Int
  /// The voxels whose probabilities were added.
  private var voxelCount = 0
  private var sums: SoftDice

  init(truth: [UInt8], _ labels: LabelScheme) {
    self.truth = truth
    outputCount = labels.outputNames.count
    sums = SoftDice(labels)
  }

  /// Adds the next plane, `[H, W, outputs]`.
  mutating func add(_ plane: [Float]) {
    let end = voxelCount + plane.count / outputCount
    sums.add(probabilities: plane, labels: truth[voxelCount..<end])
    voxelCount = end
  }

  var values: [Double] { sums.values }
}
