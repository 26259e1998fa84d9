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
          return CaseEvaluation(caseName: pair.name, prediction: mask, truth: truth, classes: classes)
        })
      progress(outcomes.count)
    }
    var evaluation = Evaluation(classNames: classes.map(\.name), outcomes: outcomes)
    evaluation.failures += unmatchedTruths.map {
      CaseFailure(caseName: Case.name(ofImage: $0), reason: "\(MaskError.missing(truth: $0))")
    }
    return evaluation
  }

  /// The truth of a case, and its mask on the truth's grid.
  ///
  /// - Throws: `ImageError` for a file that cannot be read, `MaskError` for masks that cannot be compared.
  private func masks(of pair: Pair) throws -> (truth: LabelVolume, mask: LabelVolume) {
    let truth = try labels(at: pair.truthPath)
    let mask = try labels(at: pair.maskPath)
    return (truth, try aligned(mask, to: truth, pair))
  }

  private func labels(at path: String) throws -> LabelVolume {
    let mask = try Image(contentsOf: path).labelVolume()
    let declared = Set(classes.map(\.label)).union([0])
    if let unknown = Set(mask.labels).subtracting(declared).min() {
      throw MaskError.undeclaredLabel(path: path, label: Int(unknown), classes: classes.map(\.name))
    }
    return mask
  }

  /// The one place where a mask is brought onto the grid of its truth: today the two must share it.
  private func aligned(_ mask: LabelVolume, to truth: LabelVolume, _ pair: Pair) throws -> LabelVolume {
    let difference =
      mask.size == truth.size
      ? truth.geometry.difference(from: mask.geometry).summary
      : "\(mask.size) voxels, not \(truth.size)"
    if let difference {
      throw MaskError.otherGrid(mask: pair.maskPath, truth: pair.truthPath, difference: difference)
    }
    return mask
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
          scan: try scan(of: pair, truth), truth: indexed(truth), prediction: indexed(mask))
      })
  }

  private func scan(of pair: Pair, _ truth: LabelVolume) throws -> Volume {
    guard !pair.imagePaths.isEmpty else {
      return Volume(
        size: truth.size, geometry: truth.geometry, voxels: [Float](repeating: 0, count: truth.size.count))
    }
    let scan = try Image(contentsOf: pair.imagePaths).volume()
    guard scan.size == truth.size else {
      throw MaskError.otherGrid(
        mask: pair.truthPath, truth: pair.imagePaths[0], difference: "\(truth.size) voxels, not \(scan.size)")
    }
    return scan
  }

  /// A mask whose labels count the classes from 1, as pictures colour them.
  private func indexed(_ mask: LabelVolume) -> LabelVolume {
    var indices = [UInt8](repeating: 0, count: 256)
    for (index, entry) in classes.enumerated() { indices[Int(entry.label)] = UInt8(index + 1) }
    return LabelVolume(size: mask.size, geometry: mask.geometry, labels: mask.labels.map { indices[Int($0)] })
  }
}

/// Why a mask cannot be compared with its truth.
public enum MaskError: Error, Equatable, CustomStringConvertible {
  case missing(truth: String)
  case otherGrid(mask: String, truth: String, difference: String)
  case undeclaredLabel(path: String, label: Int, classes: [String])

  /// One sentence: the file, what is wrong and what to do.
  public var description: String {
    switch self {
    case .missing(let truth):
      "\(truth): there is no mask of this case; add one, or take the case out of the truth."
    case .otherGrid(let mask, let truth, let difference):
      "\(mask): does not lie on the grid of its truth \(truth) (\(difference)); "
        + "resample the mask to it, or correct the geometry that is wrong."
    case .undeclaredLabel(let path, let label, let classes):
      "\(path): the mask holds the label \(label), which is none of the classes "
        + "(\(classes.joined(separator: ", "))); declare it, or correct the mask."
    }
  }
}
