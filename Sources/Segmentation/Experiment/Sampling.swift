/// What of a case a step is shown.
public enum Sampling: Codable, Equatable, Sendable {
  /// The whole grid that all scans are resampled to, or one of its tiles; with flips along the first two axes at random,
  /// or as it is.
  case wholeGrid(flips: Bool = false)
  /// Patches at a spacing of their own, with their transforms.
  case patches(options: PatchOptions)
}

// What may be set by itself. A part that the sampling has not is nil; it can neither be added nor taken out.
extension Sampling {
  /// Whether whole grids are mirrored at random.
  public var flips: Bool? {
    get { if case .wholeGrid(let flips) = self { flips } else { nil } }
    set {
      guard let newValue else { return precondition(flips == nil) }
      guard case .wholeGrid = self else { preconditionFailure("patches have transforms of their own") }
      self = .wholeGrid(flips: newValue)
    }
  }

  /// How patches are made.
  public var patches: PatchOptions? {
    get { if case .patches(let options) = self { options } else { nil } }
    set {
      guard let newValue else { return precondition(patches == nil) }
      guard case .patches = self else { preconditionFailure("whole grids have no patches") }
      self = .patches(options: newValue)
    }
  }
}
