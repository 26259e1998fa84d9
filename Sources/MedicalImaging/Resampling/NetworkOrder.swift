// A batch has the axes [N, D, H, W, C]: D, H, W are the voxel axes i, j, k, the channel is the fastest. A NIfTI
// array is the other way round: i is the fastest, the channel the slowest.

extension Volume {
  /// The voxels as `[D, H, W, C]` = `[i, j, k, channel]`, the channel fastest.
  public var networkOrdered: [Float] {
    reordered(voxels, from: size.extents + [channelCount])
  }

  /// A volume from voxels in the network's order `[D, H, W, C]`.
  public init(
    size: GridSize, channelCount: Int, geometry: Geometry, networkOrdered elements: ArraySlice<Float>
  ) {
    self.init(
      size: size, channelCount: channelCount, geometry: geometry,
      voxels: reordered(Array(elements), from: [channelCount, size.k, size.j, size.i]))
  }
}

extension LabelVolume {
  /// The labels as `[D, H, W]` = `[i, j, k]`, k fastest.
  public var networkOrdered: [UInt8] {
    reordered(labels, from: size.extents)
  }
}

/// Reverses the order of the axes of an array whose first axis, of `extents`, is the fastest.
private func reordered<Element>(_ elements: [Element], from extents: [Int]) -> [Element] {
  let count = elements.count
  var strides: [Int] = []
  var stride = 1
  for extent in extents {
    strides.append(stride)
    stride *= extent
  }
  precondition(count == stride, "\(count) elements for the extents \(extents)")
  let (fast, fastStride) = (extents.last ?? 1, strides.last ?? 1)
  return [Element](unsafeUninitializedCapacity: count) { target, initialized in
    initialized = count
    elements.withUnsafeBufferPointer { source in
      var index = [Int](repeating: 0, count: extents.count)
      var position = 0
      while position < count {
        var offset = 0
        for axis in 0..<extents.count - 1 { offset += index[axis] * strides[axis] }
        for x in 0..<fast { target.initializeElement(at: position + x, to: source[offset + x * fastStride]) }
        position += fast
        advance(&index, extents)
      }
    }
  }
}

/// Counts up, the last axis but one fastest.
private func advance(_ index: inout [Int], _ extents: [Int]) {
  var axis = extents.count - 2
  while axis >= 0 {
    index[axis] += 1
    if index[axis] < extents[axis] { return }
    index[axis] = 0
    axis -= 1
  }
}
