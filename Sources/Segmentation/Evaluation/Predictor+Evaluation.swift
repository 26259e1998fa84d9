import MedicalImaging

extension Predictor {
  /// Evaluates cases one after the other. One that cannot be read is left out and told; it does not stop the others.
  ///
  /// Masks are measured as the models give them, before the postprocessing; the figures of each class's largest component
  /// stand beside. Soft Dice is that of the probabilities on the model's grid; of several models, on the scan's own grid.
  /// A case takes the memory of its prediction, the truth on the grid of the soft Dice, and a copy of its mask.
  ///
  /// - Parameters:
  ///   - cases: with masks.
  ///   - replicas: each evaluates its share of the cases, and all receive the whole.
  ///   - progress: called after each case with the number done.
  public func evaluate(
    _ cases: [Case], sharedBy replicas: Replicas = Replicas(), progress: (Int) -> Void = { _ in }
  ) throws -> Evaluation {
    var own: [CaseOutcome] = []
    let share = replicas.share(of: cases)
    let reader = ReadAhead { [preparation] in try LabelledScan($0, preparation: preparation) }
    for (index, entry) in share.enumerated() {
      own.append(outcome(of: entry, reader, then: share.dropFirst(index + 1).first))
      progress(own.count)
    }
    return Evaluation(
      classNames: labels.structures.map(\.name), outcomes: try replicas.joined(own))
  }

  /// A case's figures, or why there are none; of an anonymous model in words that name no file.
  private func outcome(of entry: Case, _ reader: ReadAhead<LabelledScan>, then next: Case?) -> CaseOutcome {
    let outcome = CaseOutcome(entry.name) { try evaluate(entry, reader, then: next) }
    guard models[0].record.namesNoCases else { return outcome }
    return outcome.replacing(entry.imagePaths + [entry.labelPath].compactMap(\.self), by: entry.name)
  }

  private func evaluate(
    _ entry: Case, _ reader: ReadAhead<LabelledScan>, then next: Case?
  ) throws -> CaseEvaluation {
    let scan = try times.measuring(.reading) { try reader.value(of: entry, then: next) }
    let (mask, softDice) = try times.measuring(.resamplingBack) { try unprocessedMask(of: scan) }
    return times.measuring(.measuring) {
      CaseEvaluation(
        caseName: entry.name, prediction: mask, truth: scan.labels, labels: labels, softDice: softDice,
        measuresLargestComponents: true)
    }
  }

  /// A scan's mask before the postprocessing, and the soft Dice of each output.
  private func unprocessedMask(of scan: LabelledScan) throws -> (LabelVolume, softDice: [Double]) {
    var mask = PlanewiseMask(size: scan.volume.size, labels)
    let isOnModelsGrid = models.count == 1
    var softDice = PlanewiseSoftDice(
      truth: isOnModelsGrid ? preparation.labels(of: scan.labels) : scan.labels.networkOrdered, labels)
    if isOnModelsGrid {
      try forEachPlane(of: scan.scan, onGridPlane: { softDice.add($1) }, { mask.add($0) })
    } else {
      try forEachPlane(of: scan.scan) {
        softDice.add($0)
        mask.add($0)
      }
    }
    return (mask.mask(scan.volume.geometry), softDice.values)
  }

  /// The soft Dice of each output for a prepared case on the model's grid; nil for one that the truth lacks there.
  ///
  /// - Precondition: one model.
  func softDice(of entry: PreparedCase) throws -> [Double?] {
    precondition(models.count == 1, "several models have no one grid")
    var planes = ScanPlanes(of: entry.image, by: models[0], options)
    var softDice = PlanewiseSoftDice(truth: entry.sample.labels, labels)
    while let plane = try planes.next() { softDice.add(plane) }
    let trueOutputs = labels.trueOutputs
    let present = Set(
      Set(entry.sample.labels).flatMap { label in
        trueOutputs.indices.contains(Int(label)) ? trueOutputs[Int(label)] : []
      })
    return softDice.values.enumerated().map { present.contains($0) ? $1 : nil }
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
