import MedicalImaging

extension MaskPairs {
  /// Measures each mask against its truth. A case that cannot be measured is left out and told, as is one without a mask; it
  /// does not stop the others. Two masks are in memory at a time.
  ///
  /// - Parameter progress: called after each case with the number done.
  public func evaluation(progress: (Int) -> Void = { _ in }) -> Evaluation {
    var outcomes: [CaseOutcome] = []
    for pair in pairs {
      outcomes.append(
        CaseOutcome(pair.name) {
          let (truth, mask) = try masks(of: pair)
          return CaseEvaluation(caseName: pair.name, prediction: mask, truth: truth, labels: labels)
        })
      progress(outcomes.count)
    }
    var evaluation = Evaluation(classNames: labels.structures.map(\.name), outcomes: outcomes)
    evaluation.failures += unmatchedTruths.map {
      CaseFailure(caseName: Case.name(ofImage: $0), reason: "\(MaskError.missing(truth: $0))")
    }
    return evaluation
  }

  /// The truth of a case, and its mask on the truth's grid, both as the labels' indices.
  ///
  /// - Throws: `ImageError` for a file that cannot be read, `MaskError` for masks that cannot be compared.
  private func masks(of pair: Pair) throws -> (truth: LabelVolume, mask: LabelVolume) {
    let truth = try indices(at: pair.truthPath)
    let mask = try indices(at: pair.maskPath)
    do throws(GridDifference) {
      return (truth, try mask.placed(on: truth.grid))
    } catch {
      throw MaskError.otherGrid(mask: pair.maskPath, truth: pair.truthPath, difference: "\(error)")
    }
  }

  private func indices(at path: String) throws -> LabelVolume {
    try labels.indices(of: try Image(contentsOf: path).labelVolume(), path: path)
  }
}

extension MaskPairs {
  /// The report: of a case its masks, over its scan where the truth comes with one, else over black.
  public var report: EvaluationReport {
    EvaluationReport(
      title: "Masks of \(datasetName)", settings: [], lossCurves: [], diceCurves: [],
      masks: { name in
        guard let pair = pairs.first(where: { $0.name == name }) else { return nil }
        let (truth, mask) = try masks(of: pair)
        return EvaluationReport.CaseMasks(
          scan: try scan(of: pair, truth), truth: labels.painted(truth), prediction: labels.painted(mask),
          order: try ImageHeader(contentsOf: pair.truthPath).tellsOrientation
            ? truth.geometry.axisOrder : nil)
      })
  }

  /// The scan on the truth's grid; black where there is none.
  private func scan(of pair: Pair, _ truth: LabelVolume) throws -> Volume {
    guard !pair.imagePaths.isEmpty else {
      return Volume(
        size: truth.size, geometry: truth.geometry, voxels: [Float](repeating: 0, count: truth.size.count))
    }
    let scan = try Image(contentsOf: pair.imagePaths).volume()
    guard case .onScan(let arrangement) = MaskPlacement(of: scan.grid, on: truth.grid) else {
      throw MaskError.otherGrid(
        mask: pair.truthPath, truth: pair.imagePaths[0], difference: "the scan lies elsewhere")
    }
    return scan.rearranged(by: arrangement)
  }
}

/// Why a mask cannot be compared with its truth.
public enum MaskError: Error, Equatable, CustomStringConvertible {
  case missing(truth: String)
  case otherGrid(mask: String, truth: String, difference: String)

  /// One sentence: the file, what is wrong and what to do.
  public var description: String {
    switch self {
    case .missing(let truth):
      "\(truth): there is no mask of this case; add one, or take the case out of the truth."
    case .otherGrid(let mask, let truth, let difference):
      "\(mask): does not lie on the grid of its truth \(truth) (\(difference)); "
        + "resample the mask to it, or correct the geometry that is wrong."
    }
  }
}
