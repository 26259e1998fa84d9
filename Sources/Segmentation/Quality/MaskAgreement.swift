import MedicalImaging

/// How far several masks of one scan agree: what an estimate of their quality rests on.
///
/// Source: Roy et al. 2019, "Bayesian QuickNAT", whose pairwise Dice of samples this is, of members in place of samples.
package enum MaskAgreement {
  /// The mean Dice of all pairs of masks, for each structure; nil for one that no mask has.
  ///
  /// - Parameter masks: of the labels' indices, on one grid; at least two.
  package static func values(_ masks: [LabelVolume], of structures: [LabelScheme.Structure]) -> [Double?] {
    structures.map { structure in
      var isInside = [Bool](repeating: false, count: 256)
      for label in structure.labels { isInside[Int(label)] = true }
      var values: [Double] = []
      for first in masks.indices {
        for second in masks.indices.dropFirst(first + 1) {
          if let dice = dice(masks[first], masks[second], isInside) { values.append(dice) }
        }
      }
      return mean(values)
    }
  }

  /// nil where neither mask has a voxel inside.
  private static func dice(_ a: LabelVolume, _ b: LabelVolume, _ isInside: [Bool]) -> Double? {
    precondition(a.size == b.size, "masks on one grid")
    var (either, both) = (0, 0)
    for (x, y) in zip(a.labels, b.labels) {
      let (inA, inB) = (isInside[Int(x)], isInside[Int(y)])
      if inA { either += 1 }
      if inB { either += 1 }
      if inA && inB { both += 1 }
    }
    return either == 0 ? nil : 2 * Double(both) / Double(either)
  }
}

/// Whose masks are compared to estimate the quality of one.
public enum QualitySource: String, Codable, Sendable {
  /// Each model's of the scan as it is, and mirrored along each axis that its training mirrored.
  case mirrorings
  /// Each model's of the scan as it is, and turned about each axis, where training did not mirror but turn.
  case rotations
  /// Those of several models, where training did neither. What each case's own model says of it cannot be calibrated so.
  case models
}

extension Predictor {
  /// Whose masks can be compared; nil for one model that was trained without mirroring and turning.
  public var qualitySource: QualitySource? {
    switch CommonViews(models) {
    case .mirrored: .mirrorings
    case .rotated: .rotations
    case nil: models.count > 1 ? .models : nil
    }
  }

  /// How far masks of a scan agree, for each structure; nil for one that none has.
  ///
  /// - Precondition: there is a `qualitySource`.
  func agreement(on scan: OrderedVolume) throws -> [Double?] {
    guard let views = CommonViews(models) else {
      return MaskAgreement.values(
        try models.map { try member($0, options).indices(of: scan) }, of: labels.structures)
    }
    let agreements = try models.map { model in
      let masks = try views.single.map { view in
        var seen = options
        seen.views = [view]
        return try member(model, seen).indices(of: scan)
      }
      return MaskAgreement.values(masks, of: labels.structures)
    }
    return labels.structures.indices.map { index in mean(agreements.compactMap { $0[index] }) }
  }

  private func member(_ model: SegmentationModel, _ options: PredictionOptions) -> Predictor {
    Predictor([model], checkedOptions: options, times).postprocessing(by: Postprocessing())
  }

  /// How far masks of some cases agree, by the cases' names; those that cannot be read are left out.
  public func agreements(
    on cases: [Case], sharedBy replicas: Replicas = Replicas(), progress: (Int) -> Void = { _ in }
  ) throws -> [String: [Double?]] {
    var own: [NamedAgreement] = []
    for entry in replicas.share(of: cases) {
      let scan = try? Scan(entry, preparation, for: .mask)
      own.append(NamedAgreement(name: entry.name, values: try scan.map { try agreement(on: $0.ordered) }))
      progress(own.count)
    }
    let all = try replicas.joined(own)
    return Dictionary(
      all.compactMap { entry in entry.values.map { (entry.name, $0) } },
      uniquingKeysWith: { first, _ in first })
  }
}

private struct NamedAgreement: Codable {
  let name: String
  /// nil for a case that cannot be read.
  let values: [Double?]?
}
