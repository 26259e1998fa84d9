/// One channel of a volume on another grid, plane across k after plane, as `Volume.resampled(to:)` has it, bit for bit. Two
/// planes are in memory.
struct ResampledPlanes {
  private let volume: Volume
  private let channel: Int
  private let size: GridSize
  private let maps: [AxisMap]
  /// Planes of the volume, resampled along i and j, by their index.
  private var planes: [(index: Int, voxels: [Float])] = []

  init(of volume: Volume, channel: Int, on size: GridSize) {
    (self.volume, self.channel, self.size) = (volume, channel, size)
    maps = zip(volume.size.extents, size.extents).map { AxisMap(input: $0, output: $1) }
  }

  /// A plane, i fastest. Those of rising k come at the least cost.
  mutating func plane(_ k: Int) -> [Float] {
    let lower = source(maps[2].lower[k])
    guard size.k != volume.size.k else { return lower }
    let (upper, weight) = (source(maps[2].upper[k]), maps[2].weight[k])
    return lower.indices.map { lower[$0] + weight * (upper[$0] - lower[$0]) }
  }

  private mutating func source(_ k: Int) -> [Float] {
    if let known = planes.first(where: { $0.index == k }) { return known.voxels }
    let (width, height) = (volume.size.i, volume.size.j)
    let start = (channel * volume.size.k + k) * width * height
    let plane = Array(volume.voxels[start..<start + width * height])
    let wide = interpolatedAxis(plane, [width, height], 0, maps[0])
    let voxels = interpolatedAxis(wide, [size.i, height], 1, maps[1])
    planes = planes.suffix(1) + [(k, voxels)]
    return voxels
  }
}
