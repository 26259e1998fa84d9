extension Volume {
  /// The planes across k that are put in the network's order together: as many floats as a cache line has.
  private static let slabDepth = 16

  /// The volume on another grid, normalised, as `[D, H, W, C]`:
  /// `resampled(to: grid).normalized(normalizations).networkOrdered`, bit for bit. Besides the volume and the result a few
  /// planes are in memory.
  ///
  /// - Precondition: one normalisation for each channel.
  public func prepared(on grid: GridSize, _ normalizations: [Normalization]) -> [Float] {
    precondition(normalizations.count == channelCount, "one normalisation for each channel")
    return [Float](unsafeUninitializedCapacity: grid.count * channelCount) { result, count in
      count = grid.count * channelCount
      for (channel, normalization) in normalizations.enumerated() {
        let map = normalization.voxelMap(corners: corners(of: channel, on: grid)) {
          moments(of: channel, on: grid, without: $0)
        }
        var planes = ResampledPlanes(of: self, channel: channel, on: grid)
        for start in stride(from: 0, to: grid.k, by: Self.slabDepth) {
          let slab = (start..<min(start + Self.slabDepth, grid.k)).map { planes.plane($0) }
          store(slab, at: start, on: grid, channel, map, result)
        }
      }
    }
  }

  /// Puts planes into their places `[i, j, k, channel]`.
  private func store(
    _ slab: [[Float]], at start: Int, on grid: GridSize, _ channel: Int, _ map: VoxelMap,
    _ result: UnsafeMutableBufferPointer<Float>
  ) {
    for i in 0..<grid.i {
      for j in 0..<grid.j {
        var target = ((i * grid.j + j) * grid.k + start) * channelCount + channel
        for plane in slab {
          result[target] = map(plane[j * grid.i + i])
          target += channelCount
        }
      }
    }
  }

  /// The voxels at another grid's eight corners.
  private func corners(of channel: Int, on grid: GridSize) -> [Float] {
    var planes = ResampledPlanes(of: self, channel: channel, on: grid)
    let (first, last) = (planes.plane(0), planes.plane(grid.k - 1))
    let positions = GridSize(grid.i, grid.j, 1).cornerPositions.prefix(4)
    return positions.map { first[$0] } + positions.map { last[$0] }
  }

  /// `moments` of a channel on another grid, of which one plane is in memory.
  ///
  /// - Parameter outside: a value whose voxels do not count; nil where all do.
  private func moments(
    of channel: Int, on grid: GridSize, without outside: Float?
  ) -> (mean: Double, deviation: Double) {
    let outside = outside ?? .nan
    func sum(_ term: (Double) -> Double) -> Double {
      var planes = ResampledPlanes(of: self, channel: channel, on: grid)
      var sum = 0.0
      for k in 0..<grid.k {
        for voxel in planes.plane(k) where voxel != outside { sum += term(Double(voxel)) }
      }
      return sum
    }
    let count = outside.isNaN ? Double(grid.count) : sum { _ in 1 }
    guard count > 0 else { return (0, 0) }
    let mean = sum { $0 } / count
    return (mean, (sum { ($0 - mean) * ($0 - mean) } / count).squareRoot())
  }
}
