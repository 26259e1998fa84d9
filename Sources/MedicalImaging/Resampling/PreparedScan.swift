/// A scan on another grid, normalised, in the network's order. Each box of it is computed when it is asked for, so that
/// besides the scan as it is stored there are a box and a few planes in memory.
public struct PreparedScan: Sendable {
  /// Voxels along i, j, k = D, H, W.
  public let size: GridSize
  private let scan: StoredVolume
  /// One for each channel.
  private let maps: [VoxelMap]
  /// The planes across k that are put in the network's order together: as many floats as a cache line has.
  private static let slabDepth = 16

  /// - Precondition: one normalisation for each channel.
  public init(_ scan: StoredVolume, on size: GridSize, _ normalizations: [Normalization]) {
    precondition(normalizations.count == scan.channelCount, "one normalisation for each channel")
    (self.scan, self.size) = (scan, size)
    maps = normalizations.enumerated().map { channel, normalization in
      normalization.voxelMap(corners: scan.corners(of: channel, on: size)) {
        scan.moments(of: channel, on: size, without: $0)
      }
    }
  }

  public var channelCount: Int { scan.channelCount }

  /// The voxels of a box, `[D, H, W, C]`: `resampled(to: size).normalized(normalizations).networkOrdered`, bit for bit.
  ///
  /// - Precondition: the box lies within the grid; no range is empty.
  public func box(_ i: Range<Int>, _ j: Range<Int>, _ k: Range<Int>) -> [Float] {
    let count = i.count * j.count * k.count * channelCount
    return [Float](unsafeUninitializedCapacity: count) { result, filled in
      filled = count
      for (channel, map) in maps.enumerated() {
        var planes = ResampledPlanes(of: scan, channel: channel, on: size, i, j)
        for start in stride(from: 0, to: k.count, by: Self.slabDepth) {
          let slab = (start..<min(start + Self.slabDepth, k.count)).map { planes.plane(k.lowerBound + $0) }
          store(slab, at: start, channel, map, (i.count, j.count, k.count), result)
        }
      }
    }
  }

  /// All voxels.
  public var elements: [Float] { box(0..<size.i, 0..<size.j, 0..<size.k) }

  /// Puts planes into their places `[i, j, k, channel]`.
  private func store(
    _ slab: [[Float]], at start: Int, _ channel: Int, _ map: VoxelMap, _ extents: (i: Int, j: Int, k: Int),
    _ result: UnsafeMutableBufferPointer<Float>
  ) {
    for i in 0..<extents.i {
      for j in 0..<extents.j {
        var target = ((i * extents.j + j) * extents.k + start) * channelCount + channel
        for plane in slab {
          result[target] = map(plane[j * extents.i + i])
          target += channelCount
        }
      }
    }
  }
}

extension StoredVolume {
  /// The voxels at another grid's eight corners.
  fileprivate func corners(of channel: Int, on grid: GridSize) -> [Float] {
    var planes = ResampledPlanes(of: self, channel: channel, on: grid, 0..<grid.i, 0..<grid.j)
    let (first, last) = (planes.plane(0), planes.plane(grid.k - 1))
    let positions = GridSize(grid.i, grid.j, 1).cornerPositions.prefix(4)
    return positions.map { first[$0] } + positions.map { last[$0] }
  }

  /// `moments` of a channel on another grid, of which one plane is in memory.
  ///
  /// - Parameter outside: a value whose voxels do not count; nil where all do.
  fileprivate func moments(
    of channel: Int, on grid: GridSize, without outside: Float?
  ) -> (mean: Double, deviation: Double) {
    let outside = outside ?? .nan
    func sum(_ term: (Double) -> Double) -> Double {
      var planes = ResampledPlanes(of: self, channel: channel, on: grid, 0..<grid.i, 0..<grid.j)
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
