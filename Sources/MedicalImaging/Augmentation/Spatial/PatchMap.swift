/// Where the voxels of a patch come from in a sample.
///
///     x = centre + map(o - (extents - 1) / 2) + displacement(o)     (voxels of the sample along D, H, W)
///
/// for the patch's voxel o. All spatial transforms join in one such map, so that values are interpolated once.
public struct PatchMap: Sendable {
  /// Voxels along D, H, W.
  public var extents: [Int]
  /// The voxel coordinates of the patch's middle.
  public var centre: SIMD3<Double>
  public var map: LinearMap
  public var displacement: DisplacementField?

  public init(
    extents: [Int], centre: SIMD3<Double>, map: LinearMap = .identity, displacement: DisplacementField? = nil
  ) {
    precondition(extents.count == 3 && extents.allSatisfy { $0 > 0 })
    self.extents = extents
    self.centre = centre
    self.map = map
    self.displacement = displacement
  }

  /// The coordinates of the patch's first voxel, without displacement.
  var origin: SIMD3<Double> {
    let middle = SIMD3(Double(extents[0] - 1), Double(extents[1] - 1), Double(extents[2] - 1)) / 2
    return centre - map(middle)
  }
}

extension Sample {
  /// Returns the patch that a map describes: the image by linear interpolation, each label as the one that has most
  /// weight in the same interpolation. Beyond the sample's edges the image is 0 and the labels are background.
  public func patch(_ map: PatchMap) -> Sample {
    var labels = [UInt8](repeating: 0, count: map.extents.reduce(1, *))
    let image = labels.withUnsafeMutableBufferPointer { target in
      self.labels.withUnsafeBufferPointer { source in
        map.values(of: self.image, extents, labels: (source, target))
      }
    }
    return Sample(extents: map.extents, channelCount: channelCount, image: image, labels: labels)
  }
}

extension PatchMap {
  /// The patch's values `[D, H, W, C]` by linear interpolation of a sample's; beyond its edges they are 0.
  ///
  /// - Parameters:
  ///   - sample: `[D, H, W, C]` of these extents.
  ///   - extents: along D, H, W.
  package func values(of sample: [Float], _ extents: [Int]) -> [Float] {
    values(of: sample, extents, labels: nil)
  }

  /// - Parameter labels: of the sample, and where those of the patch go.
  fileprivate func values(
    of sample: [Float], _ extents: [Int],
    labels: (source: UnsafeBufferPointer<UInt8>, target: UnsafeMutableBufferPointer<UInt8>)?
  ) -> [Float] {
    let channelCount = sample.count / extents.reduce(1, *)
    var values = [Float](repeating: 0, count: self.extents.reduce(channelCount, *))
    values.withUnsafeMutableBufferPointer { target in
      sample.withUnsafeBufferPointer { source in
        let grid = SourceGrid(
          extents: SIMD3(Int32(extents[0]), Int32(extents[1]), Int32(extents[2])),
          channelCount: channelCount, image: source, labels: labels?.source)
        grid.fill(self, target, labels?.target)
      }
    }
    return values
  }
}

/// A sample as the resampling pass reads it.
private struct SourceGrid {
  let extents: SIMD3<Int32>
  let channelCount: Int
  let image: UnsafeBufferPointer<Float>
  /// nil where only values are wanted.
  let labels: UnsafeBufferPointer<UInt8>?

  /// Fills a patch row by row.
  func fill(
    _ map: PatchMap, _ target: UnsafeMutableBufferPointer<Float>,
    _ targetLabels: UnsafeMutableBufferPointer<UInt8>?
  ) {
    let (origin, columns) = (map.origin, map.map.columns)
    let step = SIMD3<Float>(columns[2])
    let width = map.extents[2]
    var coordinates = [SIMD3<Float>](repeating: .zero, count: width)
    for d in 0..<map.extents[0] {
      for h in 0..<map.extents[1] {
        let start = SIMD3<Float>(origin + columns[0] * Double(d) + columns[1] * Double(h))
        for w in 0..<width { coordinates[w] = start + step * Float(w) }
        if let field = map.displacement {
          for (w, displacement) in field.row(d, h).enumerated() { coordinates[w] += displacement }
        }
        let row = (d * map.extents[1] + h) * width
        for w in 0..<width {
          write(coordinates[w], target.baseAddress! + (row + w) * channelCount)
        }
        if let labels, let targetLabels {
          for w in 0..<width { targetLabels[row + w] = label(coordinates[w], of: labels) }
        }
      }
    }
  }

  /// The label with most weight among the eight voxels around x, whose outlines stay smooth under rotation, where those
  /// of the nearest voxel's label would be jagged.
  @inline(__always)
  private func label(_ x: SIMD3<Float>, of labels: UnsafeBufferPointer<UInt8>) -> UInt8 {
    let position = VoxelPosition(x)
    if isInside(position.lower) && isInside(position.lower &+ 1) {
      let (row, slice) = (Int(extents.z), Int(extents.y) * Int(extents.z))
      let corner = labels.baseAddress! + offset(position.lower)
      let label = corner[0]
      if corner[1] == label, corner[row] == label, corner[row + 1] == label, corner[slice] == label,
        corner[slice + 1] == label, corner[slice + row] == label, corner[slice + row + 1] == label
      {
        return label
      }
    }
    return heaviestLabel(position, of: labels)
  }

  private func heaviestLabel(_ position: VoxelPosition, of labels: UnsafeBufferPointer<UInt8>) -> UInt8 {
    func label(_ corner: Int) -> UInt8 {
      let voxel = position.voxel(corner)
      return isInside(voxel) ? labels[offset(voxel)] : 0
    }
    var best: (label: UInt8, weight: Float) = (0, 0)
    for corner in 0..<8 {
      let candidate = label(corner)
      var weight: Float = 0
      for other in 0..<8 where label(other) == candidate { weight += position.weight(other) }
      if weight > best.weight { best = (candidate, weight) }
    }
    return best.label
  }

  @inline(__always)
  private func isInside(_ voxel: SIMD3<Int32>) -> Bool {
    voxel.x >= 0 && voxel.y >= 0 && voxel.z >= 0
      && voxel.x < extents.x && voxel.y < extents.y && voxel.z < extents.z
  }

  @inline(__always)
  private func offset(_ voxel: SIMD3<Int32>) -> Int {
    (Int(voxel.x) * Int(extents.y) + Int(voxel.y)) * Int(extents.z) + Int(voxel.z)
  }

  /// Writes the channels at x, linearly interpolated between the eight voxels around it.
  @inline(__always)
  private func write(_ x: SIMD3<Float>, _ target: UnsafeMutablePointer<Float>) {
    let position = VoxelPosition(x)
    if isInside(position.lower) && isInside(position.lower &+ 1) {
      interpolate(offset(position.lower), position.fraction, target)
    } else {
      interpolateAtEdge(position, target)
    }
  }

  @inline(__always)
  private func interpolate(_ first: Int, _ t: SIMD3<Float>, _ target: UnsafeMutablePointer<Float>) {
    let (row, slice) = (Int(extents.z) * channelCount, Int(extents.y) * Int(extents.z) * channelCount)
    let source = image.baseAddress! + first * channelCount
    for channel in 0..<channelCount {
      let corner = source + channel
      func line(_ start: UnsafePointer<Float>) -> Float {
        start[0] + t.z * (start[channelCount] - start[0])
      }
      let (a, b) = (line(corner), line(corner + row))
      let (c, d) = (line(corner + slice), line(corner + slice + row))
      let (near, far) = (a + t.y * (b - a), c + t.y * (d - c))
      target[channel] = near + t.x * (far - near)
    }
  }

  /// As `interpolate`, where some of the eight voxels, or all, lie beyond the edges and are 0.
  private func interpolateAtEdge(_ position: VoxelPosition, _ target: UnsafeMutablePointer<Float>) {
    for corner in 0..<8 {
      let voxel = position.voxel(corner)
      guard isInside(voxel) else { continue }
      let weight = position.weight(corner)
      let source = offset(voxel) * channelCount
      for channel in 0..<channelCount { target[channel] += weight * image[source + channel] }
    }
  }
}

/// A point between voxels: the voxel below it along each axis, and how far the point lies from there to the next.
///
/// In scalars: the standard library's rounding of vectors is generic code that cost more than the interpolation.
private struct VoxelPosition {
  let lower: SIMD3<Int32>
  let fraction: SIMD3<Float>

  @inline(__always)
  init(_ point: SIMD3<Float>) {
    let (x, y, z) = (Self.parts(point.x), Self.parts(point.y), Self.parts(point.z))
    lower = SIMD3(x.floor, y.floor, z.floor)
    fraction = SIMD3(x.fraction, y.fraction, z.fraction)
  }

  /// One of the eight voxels around the point, from 0 to 7.
  @inline(__always)
  func voxel(_ corner: Int) -> SIMD3<Int32> {
    lower &+ SIMD3(Int32(corner >> 2), Int32(corner >> 1 & 1), Int32(corner & 1))
  }

  /// The part that one of the eight voxels has in a linear interpolation.
  @inline(__always)
  func weight(_ corner: Int) -> Float {
    (corner >> 2 == 1 ? fraction.x : 1 - fraction.x) * (corner >> 1 & 1 == 1 ? fraction.y : 1 - fraction.y)
      * (corner & 1 == 1 ? fraction.z : 1 - fraction.z)
  }

  /// Numbers far off, and what is no number, become some voxel outside every grid.
  @inline(__always)
  private static func parts(_ number: Float) -> (floor: Int32, fraction: Float) {
    let limit: Float = 1e6
    let bounded = number < limit ? (number > -limit ? number : -limit) : limit
    let truncated = Int32(bounded)
    let floor = Float(truncated) > bounded ? truncated - 1 : truncated
    return (floor, bounded - Float(floor))
  }
}
