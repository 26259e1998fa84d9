import MedicalImaging

extension Predictor {
  /// Evaluates cases one after the other. One that cannot be read is left out and told; it does not stop the others.
  ///
  /// Masks are measured as the models give them, before the postprocessing; the figures of each class's largest component
  /// stand beside. Soft Dice is that of the probabilities on the model's grid; of several models, on the scan's own grid.
  /// A case takes the memory of its prediction, the truth on the grid of the soft Dice, and a copy of its mask.
  ///
  /// - Parameters:
  ///   - replicas: each evaluates its share of the cases, and all receive the whole.
  ///   - progress: called after each case with the number done.
  public func evaluate(
    _ cases: [Case], sharedBy replicas: Replicas = Replicas(), progress: (Int) -> Void = { _ in }
  ) throws -> Evaluation {
    var own: [CaseOutcome] = []
    for entry in replicas.share(of: cases) {
      own.append(CaseOutcome(entry.name) { try evaluate(entry) })
      progress(own.count)
    }
    return Evaluation(
      classNames: Array(preparation.classNames.dropFirst()), outcomes: try replicas.joined(own))
  }

  private func evaluate(_ entry: Case) throws -> CaseEvaluation {
    let scan = try LabelledScan(entry, preparation: preparation)
    let (mask, softDice) = try unprocessedMask(of: scan)
    let classes = (1..<classCount).map { MaskClass(label: UInt8($0), name: preparation.classNames[$0]) }
    return CaseEvaluation(
      caseName: entry.name, prediction: mask, truth: scan.labels, classes: classes,
      softDice: Array(softDice.dropFirst()), measuresLargestComponents: true)
  }

  /// A scan's mask before the postprocessing, and the soft Dice of each class, the background first.
  private func unprocessedMask(of scan: LabelledScan) throws -> (LabelVolume, softDice: [Double]) {
    let volume = scan.volume
    var mask = PlanewiseMask(size: volume.size, classCount: classCount)
    let isOnModelsGrid = models.count == 1
    var softDice = PlanewiseSoftDice(
      truth: isOnModelsGrid ? preparation.labels(of: scan.labels) : scan.labels.networkOrdered,
      classCount: classCount)
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

  /// The soft Dice of each class, the background first, of a prepared case on the model's grid; nil for one that the truth
  /// lacks there.
  ///
  /// - Precondition: one model.
  func softDice(of entry: PreparedCase) throws -> [Double?] {
    precondition(models.count == 1, "several models have no one grid")
    var planes = ScanPlanes(of: entry.image, by: models[0], options)
    var softDice = PlanewiseSoftDice(truth: entry.sample.labels, classCount: classCount)
    while let plane = try planes.next() { softDice.add(plane) }
    let present = Set(entry.sample.labels)
    return softDice.values.enumerated().map { present.contains(UInt8($0)) ? $1 : nil }
  }
}

/// The soft Dice of a case whose probabilities come plane by plane.
private struct PlanewiseSoftDice {
  /// `[D, H, W]`.
  private let truth: [UInt8]
  private let classCount: Int
  /// The voxels whose probabilities were added.
  private var voxelCount = 0
  private var sums: SoftDice

  init(truth: [UInt8], classCount: Int) {
    self.truth = truth
    self.classCount = classCount
    sums = SoftDice(classCount: classCount)
  }

  /// Adds the next plane, `[H, W, classes]`.
  mutating func add(_ plane: [Float]) {
    let end = voxelCount + plane.count / classCount
    sums.add(probabilities: plane, labels: truth[voxelCount..<end])
    voxelCount = end
  }

  var values: [Double] { sums.values }
}
