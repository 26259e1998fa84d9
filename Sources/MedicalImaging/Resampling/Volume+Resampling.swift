extension Volume {
  /// Returns the volume on a grid of another size over the same space, linearly interpolated, each channel by
  /// itself.
  ///
  /// Along each axis, output sample i lies at input coordinate i * input / output (voxels), clamped to the last
  /// voxel. Origin and direction stay; spacing scales by input / output.
  ///
  /// Source: the reference system; equal to SimpleITK's `ResampleImageFilter` with `sitkLinear`, but for its
  /// default value beyond the edge (see `AxisMap`).
  public func resampled(to newSize: GridSize) -> Volume {
    Volume(
      size: newSize, channelCount: channelCount, geometry: geometry.resized(from: size, to: newSize),
      voxels: interpolated(to: newSize))
  }

  /// Returns the volume on the grid of a scan: the inverse of `resampled(to:)`, for predictions. Voxel j of the
  /// scan lies at network coordinate j * network / scan (voxels), clamped to the last voxel.
  ///
  /// - Parameters:
  ///   - newSize: the scan's own grid.
  ///   - geometry: the scan's own geometry, taken over as it is.
  public func resampled(onto newSize: GridSize, geometry: Geometry) -> Volume {
    Volume(
      size: newSize, channelCount: channelCount, geometry: geometry, voxels: interpolated(to: newSize))
  }

  /// Axis after axis: i, then j, then k, so that each pass mixes two neighbours only.
  private func interpolated(to newSize: GridSize) -> [Float] {
    if newSize == size { return voxels }
    var data = voxels
    var extents = size.extents + [channelCount]
    for (axis, extent) in newSize.extents.enumerated() where extent != extents[axis] {
      data = interpolatedAxis(data, extents, axis, AxisMap(input: extents[axis], output: extent))
      extents[axis] = extent
    }
    return data
  }
}

/// Interpolates along one axis of an array whose first axis is the fastest.
func interpolatedAxis(_ data: [Float], _ extents: [Int], _ axis: Int, _ map: AxisMap) -> [Float] {
  let (input, output) = (extents[axis], map.lower.count)
  let inner = extents[..<axis].reduce(1, *)
  let outer = extents[(axis + 1)...].reduce(1, *)
  return [Float](unsafeUninitializedCapacity: inner * output * outer) { target, count in
    count = inner * output * outer
    data.withUnsafeBufferPointer { source in
      for o in 0..<outer {
        for x in 0..<output {
          let weight = map.weight[x]
          let a = (o * input + map.lower[x]) * inner
          let b = (o * input + map.upper[x]) * inner
          let t = (o * output + x) * inner
          for i in 0..<inner { target[t + i] = source[a + i] + weight * (source[b + i] - source[a + i]) }
        }
      }
    }
  }
}

extension LabelVolume {
  /// Returns the labels on a grid of another size over the same space, each sample taking its nearest voxel's;
  /// the upper one's where it lies halfway between two.
  ///
  /// Source: the reference system; equal to SimpleITK's `sitkNearestNeighbor` away from exact ties (see `AxisMap`).
  public func resampled(to newSize: GridSize) -> LabelVolume {
    let maps = zip(size.extents, newSize.extents).map { AxisMap(input: $0, output: $1).nearest }
    var result = [UInt8](repeating: 0, count: newSize.count)
    labels.withUnsafeBufferPointer { source in
      var target = 0
      for k in maps[2] {
        for j in maps[1] {
          let row = (k * size.j + j) * size.i
          for i in maps[0] {
            result[target] = source[row + i]
            target += 1
          }
        }
      }
    }
    return LabelVolume(size: newSize, geometry: geometry.resized(from: size, to: newSize), labels: result)
  }
}
