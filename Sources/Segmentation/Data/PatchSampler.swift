import MedicalImaging

/// Draws patches out of prepared cases.
package struct PatchSampler: Sendable {
  /// Voxels along D, H, W.
  let shape: [Int]
  /// mm along D, H, W.
  let spacing: [Double]
  let foregroundFraction: Double
  let augmentation: AugmentationSettings
  /// Of the cases' intensities, for histogram matching; empty without it.
  let quantiles: [[[Float]]]

  /// - Parameters:
  ///   - spacing: of the cases, in mm.
  ///   - quantiles: of the cases' intensities, for histogram matching.
  package init(_ options: PatchOptions, shape: [Int], spacing: [Double], quantiles: [[[Float]]]) {
    self.shape = shape
    self.spacing = spacing
    foregroundFraction = options.foregroundFraction
    augmentation = options.augmentation
    self.quantiles = quantiles
  }

  /// A random patch, augmented: a function of the case and of the generator's numbers alone.
  ///
  /// - Parameter caseIndex: of the case among those of `quantiles`.
  package func patch(
    of entry: PreparedCase, caseIndex: Int, using generator: inout some RandomNumberGenerator
  ) -> Sample {
    let map = augmentation.spatial.drawnMap(
      extents: shape, centre: drawnCentre(entry, using: &generator), spacing: spacing, using: &generator)
    let intensities = augmentation.intensityTransforms(quantiles: quantiles, caseIndex: caseIndex)
    return entry.sample.patch(map).augmented(by: intensities, using: &generator)
  }

  /// The middle of a patch: with the share of the foreground's around one of its voxels, else anywhere. Along an axis
  /// a patch stays within the case or, where it is the longer one, contains it.
  private func drawnCentre(
    _ entry: PreparedCase, using generator: inout some RandomNumberGenerator
  ) -> SIMD3<Double> {
    let wantsForeground = Double.random(in: 0..<1, using: &generator) < foregroundFraction
    let voxels = wantsForeground ? entry.foregroundVoxels.randomElement(using: &generator) : nil
    let voxel = voxels?.randomElement(using: &generator).map { entry.sample.position(of: Int($0)) }
    var centre = SIMD3<Double>.zero
    for axis in 0..<3 {
      let room = entry.sample.extents[axis] - shape[axis]
      let allowed = min(0, room)...max(0, room)
      let start =
        voxel.map { min(max($0[axis] - shape[axis] / 2, allowed.lowerBound), allowed.upperBound) }
        ?? Int.random(in: allowed, using: &generator)
      centre[axis] = Double(start) + Double(shape[axis] - 1) / 2
    }
    return centre
  }
}

extension Sample {
  /// The coordinates along D, H, W of a voxel by its index.
  fileprivate func position(of voxel: Int) -> [Int] {
    [voxel / (extents[1] * extents[2]), voxel / extents[2] % extents[1], voxel % extents[2]]
  }
}
