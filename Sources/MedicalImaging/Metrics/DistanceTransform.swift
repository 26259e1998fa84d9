/// The exact Euclidean distance from every voxel of a grid to the nearest of some voxels.
///
/// Source: Felzenszwalb and Huttenlocher, "Distance Transforms of Sampled Functions", 2012: along each axis in
/// turn, the lower envelope of parabolas. In float64.
package struct DistanceTransform {
  /// Squared distances in mm^2, in the grid's own order; infinite where there is no voxel to measure from.
  package private(set) var squaredDistances: [Double]

  /// - Parameters:
  ///   - voxels: positions in the grid, i fastest.
  ///   - spacing: mm along i, j, k.
  package init(from voxels: [Int], size: GridSize, spacing: [Double]) {
    precondition(spacing.count == 3 && spacing.allSatisfy { $0 > 0 }, "spacing must be positive")
    squaredDistances = Array(repeating: .infinity, count: size.count)
    for voxel in voxels { squaredDistances[voxel] = 0 }
    let extents = size.extents
    var envelope = ParabolaEnvelope(capacity: extents.max() ?? 0)
    var stride = 1
    for axis in 0..<3 {
      sweep(extents[axis], stride, spacing[axis], &envelope)
      stride *= extents[axis]
    }
  }

  private mutating func sweep(
    _ extent: Int, _ stride: Int, _ spacing: Double, _ envelope: inout ParabolaEnvelope
  ) {
    guard extent > 1 else { return }
    squaredDistances.withUnsafeMutableBufferPointer { distances in
      for block in Swift.stride(from: 0, to: distances.count, by: stride * extent) {
        for offset in block..<block + stride {
          envelope.transform(distances, offset, stride, extent, spacing)
        }
      }
    }
  }
}

/// The one-dimensional transform: d(x) = min over q of f(q) + (spacing * (x - q))^2.
private struct ParabolaEnvelope {
  /// The line before the transform.
  private var heights: [Double]
  /// The parabolas that make up the envelope, by the position of their vertex.
  private var vertices: [Int]
  /// Where the n-th of them begins to be the lowest, in voxels.
  private var boundaries: [Double]

  init(capacity: Int) {
    heights = Array(repeating: 0, count: capacity)
    vertices = Array(repeating: 0, count: capacity)
    boundaries = Array(repeating: 0, count: capacity + 1)
  }

  /// Transforms, in place, the line of values at offset, offset + stride, ...
  mutating func transform(
    _ values: UnsafeMutableBufferPointer<Double>, _ offset: Int, _ stride: Int, _ extent: Int,
    _ spacing: Double
  ) {
    for x in 0..<extent { heights[x] = values[offset + x * stride] }
    let square = spacing * spacing
    guard let last = build(extent, square) else { return }
    var n = 0
    for x in 0..<extent {
      while n < last && boundaries[n + 1] < Double(x) { n += 1 }
      let distance = Double(x - vertices[n])
      values[offset + x * stride] = heights[vertices[n]] + square * distance * distance
    }
  }

  /// Finds the envelope's parabolas.
  /// - Returns: the index of the last; nil where all values are infinite.
  private mutating func build(_ extent: Int, _ square: Double) -> Int? {
    var last = -1
    for q in 0..<extent where heights[q].isFinite {
      var start = -Double.infinity
      while last >= 0 {
        start = intersection(vertices[last], q, square)
        if start > boundaries[last] { break }
        last -= 1
      }
      last += 1
      vertices[last] = q
      boundaries[last] = last == 0 ? -.infinity : start
    }
    return last < 0 ? nil : last
  }

  /// Where the parabola at q begins to be lower than the one at p, p < q, in voxels.
  private func intersection(_ p: Int, _ q: Int, _ square: Double) -> Double {
    (heights[q] - heights[p] + square * Double(q * q - p * p)) / (2 * square * Double(q - p))
  }
}
