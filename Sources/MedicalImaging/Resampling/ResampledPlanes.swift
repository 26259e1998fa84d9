/// A part of one channel of a scan on another grid, plane across k after plane, as `Volume.resampled(to:)` has it, bit for bit.
/// Two planes are in memory.
struct ResampledPlanes {
  private let volume: StoredVolume
  private let channel: Int
  private let size: GridSize
  /// Which voxels of the scan the part needs along i and j, and how they are mixed; nil where the grid has the scan's voxels
  /// along the axis.
  private let (i, j): (Axis, Axis)
  private let k: AxisMap
  /// Planes of the scan, resampled along i and j, by their index.
  private var planes: [(index: Int, voxels: [Float])] = []

  private typealias Axis = (voxels: Range<Int>, map: AxisMap?)

  /// - Parameters:
  ///   - size: of the grid.
  ///   - i, j: the part's voxels on it; some.
  init(of volume: StoredVolume, channel: Int, on size: GridSize, _ i: Range<Int>, _ j: Range<Int>) {
    (self.volume, self.channel, self.size) = (volume, channel, size)
    func axis(_ index: Int, _ range: Range<Int>) -> Axis {
      let (input, output) = (volume.size.extents[index], size.extents[index])
      if input == output { return (range, nil) }
      let part = AxisMap(input: input, output: output).part(range)
      return (part.voxels, part.map)
    }
    (self.i, self.j) = (axis(0, i), axis(1, j))
    k = AxisMap(input: volume.size.k, output: size.k)
  }

  /// A plane of the part, i fastest. Those of rising k come at the least cost.
  mutating func plane(_ index: Int) -> [Float] {
    guard size.k != volume.size.k else { return source(index) }
    let lower = source(k.lower[index])
    let (upper, weight) = (source(k.upper[index]), k.weight[index])
    return lower.indices.map { lower[$0] + weight * (upper[$0] - lower[$0]) }
  }

  private mutating func source(_ index: Int) -> [Float] {
    if let known = planes.first(where: { $0.index == index }) { return known.voxels }
    var voxels = volume.plane(channel, i.voxels, j.voxels, index)
    if let map = i.map { voxels = interpolatedAxis(voxels, [i.voxels.count, j.voxels.count], 0, map) }
    if let map = j.map {
      voxels = interpolatedAxis(voxels, [i.map?.lower.count ?? i.voxels.count, j.voxels.count], 1, map)
    }
    planes = planes.suffix(1) + [(index, voxels)]
    return voxels
  }
}
