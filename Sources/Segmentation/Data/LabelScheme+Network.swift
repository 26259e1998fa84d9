import MedicalImaging
import Networks

extension LabelScheme {
  /// The mask with each value's index.
  ///
  /// - Parameter path: of the mask; errors name it.
  /// - Throws: `SegmentationError.undeclaredLabel`.
  func indices(of mask: LabelVolume, path: String) throws -> LabelVolume {
    guard let indices = mask.indexed(by: self) else {
      throw SegmentationError.undeclaredLabel(
        path: path, label: mask.undeclaredValue(in: self) ?? 0, declared: declaredValues)
    }
    return indices
  }

  /// What a network that learns these labels gives.
  public var targets: Targets {
    let outputs: Targets.Outputs =
      switch form {
      case .classes: .classes
      case .regions:
        .regions(structures.map { $0.labels.map(Int.init) }, labelCount: values.count)
      }
    return Targets(outputs: outputs, hasIgnoredVoxels: ignoredValue != nil)
  }
}
