extension Network {
  /// The longest axis that an input may have, in voxels.
  public static let largestExtent = 2048

  /// The network itself, where it can be had.
  ///
  /// - Throws: `ConfigurationError` naming the first option that cannot be had and the remedy.
  public func validated() throws(ConfigurationError) -> Network {
    try validate()
    return self
  }

  /// - Throws: `ConfigurationError` for the first option that cannot be had.
  public func validate() throws(ConfigurationError) {
    try validateAllButShape()
    guard inputShape.count == 3 else { throw .wrongNumberOfExtents(inputShape) }
    for extent in inputShape { try requireOption("--input-shape", extent, 1...Self.largestExtent) }
    guard inputShape.allSatisfy({ outputExtent($0) != nil }) else {
      throw .invalidInputShape(found: inputShape, nearest: nearestInputShapes)
    }
  }

  /// What a plan rests on that chooses the input's shape.
  ///
  /// - Throws: `ConfigurationError` for the first other option that cannot be had.
  public func validateAllButShape() throws(ConfigurationError) {
    try requireOption("--filters", architecture.filters, 1...1024)
    try requireOption("the number of classes", classCount, targets.leastOutputCount...255)
    try requireOption("the number of channels", inputChannels, 1...64)
    try architecture.structure.validate()
  }

  private func outputExtent(_ input: Int) -> Int? { architecture.structure.outputExtent(input) }

  /// The nearest shapes that fit, below and above, each axis by itself; none where some axis has no extent that
  /// fits.
  private var nearestInputShapes: [[Int]] {
    var (below, above): ([Int], [Int]) = ([], [])
    for extent in inputShape {
      let lower = (1...extent).last { outputExtent($0) != nil }
      let upper = (extent...Self.largestExtent).first { outputExtent($0) != nil }
      guard let nearest = lower ?? upper else { return [] }
      below.append(nearest)
      above.append(upper ?? nearest)
    }
    return below == above ? [below] : [below, above]
  }
}

/// - Throws: `ConfigurationError.outOfRange`.
func requireOption(
  _ option: String, _ value: Int, _ allowed: ClosedRange<Int>
) throws(ConfigurationError) {
  guard allowed.contains(value) else { throw .outOfRange(option: option, value: value, allowed: allowed) }
}
