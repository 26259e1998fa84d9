/// A rearrangement of a grid's axes: another order of i, j and k, some of them backwards. It is exact: voxels change their
/// places, not their values.
public struct AxisRearrangement: Hashable, Sendable {
  /// For each axis of the result the axis that it comes from.
  let sources: [Int]
  /// For each axis of the result whether it runs backwards.
  let isReversed: [Bool]

  /// What leaves a grid as it is.
  public static let identity = AxisRearrangement(from: .canonical, to: .canonical)

  /// What brings a grid from one order to another.
  public init(from old: AxisOrder, to new: AxisOrder) {
    let sources = new.spaceAxes.map { old.spaceAxes.firstIndex(of: $0)! }
    self.sources = sources
    isReversed = (0..<3).map { new.isReversed[$0] != old.isReversed[sources[$0]] }
  }

  private init(sources: [Int], isReversed: [Bool]) {
    self.sources = sources
    self.isReversed = isReversed
  }

  /// Where a grid's voxels are found among those of the grid before, i fastest: the index of the first, and the steps along
  /// i, j, k.
  func places(in size: GridSize) -> (start: Int, steps: [Int]) {
    let strides = [1, size.i, size.i * size.j]
    var start = 0
    let steps = zip(sources, isReversed).map { source, isReversed in
      if isReversed { start += (size.extents[source] - 1) * strides[source] }
      return isReversed ? -strides[source] : strides[source]
    }
    return (start, steps)
  }

  /// The way back.
  public var inverse: AxisRearrangement {
    let places = (0..<3).map { axis in sources.firstIndex(of: axis)! }
    return AxisRearrangement(sources: places, isReversed: places.map { isReversed[$0] })
  }
}

extension GridSize {
  /// The size after a rearrangement.
  public func rearranged(by arrangement: AxisRearrangement) -> GridSize {
    let extents = arrangement.sources.map { self.extents[$0] }
    return GridSize(extents[0], extents[1], extents[2])
  }
}

extension Grid {
  /// The same voxels in space after a rearrangement.
  public func rearranged(by arrangement: AxisRearrangement) -> Grid {
    if arrangement == .identity { return self }
    let axes = zip(arrangement.sources, arrangement.isReversed)
    let affine = geometry.affine.map { row in
      let steps = axes.map { source, isReversed in isReversed ? 0 - row[source] : row[source] }
      let origin = axes.reduce(row[3]) { origin, axis in
        axis.1 ? origin + row[axis.0] * Double(size.extents[axis.0] - 1) : origin
      }
      return steps + [origin]
    }
    return Grid(
      size: size.rearranged(by: arrangement),
      geometry: Geometry(spacing: arrangement.sources.map { geometry.spacing[$0] }, affine: affine))
  }
}

extension Volume {
  /// The same scan in space with its voxels in another order.
  public func rearranged(by arrangement: AxisRearrangement) -> Volume {
    if arrangement == .identity { return self }
    let new = grid.rearranged(by: arrangement)
    return Volume(
      size: new.size, channelCount: channelCount, geometry: new.geometry,
      voxels: MedicalImaging.rearranged(voxels, size, channelCount: channelCount, by: arrangement))
  }
}

extension LabelVolume {
  /// The same mask in space with its voxels in another order.
  public func rearranged(by arrangement: AxisRearrangement) -> LabelVolume {
    if arrangement == .identity { return self }
    let new = grid.rearranged(by: arrangement)
    return LabelVolume(
      size: new.size, geometry: new.geometry,
      labels: MedicalImaging.rearranged(labels, size, channelCount: 1, by: arrangement))
  }
}

/// Voxels of a grid, i fastest and the channel slowest, after a rearrangement.
func rearranged<Element>(
  _ voxels: [Element], _ size: GridSize, channelCount: Int, by arrangement: AxisRearrangement
) -> [Element] {
  let (start, steps) = arrangement.places(in: size)
  let new = size.rearranged(by: arrangement)
  return [Element](unsafeUninitializedCapacity: voxels.count) { target, filled in
    voxels.withUnsafeBufferPointer { source in
      for channel in 0..<channelCount {
        for k in 0..<new.k {
          for j in 0..<new.j {
            let row = channel * size.count + start + k * steps[2] + j * steps[1]
            for i in 0..<new.i {
              target.initializeElement(at: filled, to: source[row + i * steps[0]])
              filled += 1
            }
          }
        }
      }
    }
  }
}
