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
        let map = normalization.voxelMap { moments(of: channel, on: grid) }
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

  /// `moments` of a channel on another grid, of which one plane is in memory.
  private func moments(of channel: Int, on grid: GridSize) -> (mean: Double, deviation: Double) {
    func sum(_ term: (Double) -> Double) -> Double {
      var planes = ResampledPlanes(of: self, channel: channel, on: grid)
      var sum = 0.0
      for k in 0..<grid.k {
        for voxel in planes.plane(k) { sum += term(Double(voxel)) }
      }
      return sum
    }
    let count = Double(grid.count)
    let mean = sum { $0 } / count
    return (mean, (sum { ($0 - mean) * ($0 - mean) } / count).squareRoot())
  }
}
