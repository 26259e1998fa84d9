/// The exact Euclidean distance from every voxel of a grid to the nearest marked voxel, in mm.
///
/// Source: Felzenszwalb and Huttenlocher, "Distance Transforms of Sampled Functions", 2012: along each axis in
/// turn, the lower envelope of parabolas.
struct DistanceTransform {
  /// Squared distances in mm^2, in the grid's own order; infinite where nothing is marked.
  private(set) var squaredDistances: [Double]

  /// - Parameters:
  ///   - marked: one truth value per voxel, i fastest.
  ///   - spacing: mm along i, j, k.
  init(marked: [Bool], size: GridSize, spacing: [Double]) {
    squaredDistances = marked.map { $0 ? 0 : .infinity }
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
    var line = [Double](repeating: 0, count: extent)
    for block in Swift.stride(from: 0, to: squaredDistances.count, by: stride * extent) {
      for offset in block..<block + stride {
        for x in 0..<extent { line[x] = squaredDistances[offset + x * stride] }
        envelope.transform(&line, spacing: spacing)
        for x in 0..<extent { squaredDistances[offset + x * stride] = line[x] }
      }
    }
  }
}

/// The one-dimensional transform: d(x) = min over q of f(q) + (spacing * (x - q))^2.
private struct ParabolaEnvelope {
  private var vertices: [Int]
  private var boundaries: [Double]

  init(capacity: Int) {
    vertices = Array(repeating: 0, count: capacity + 1)
    boundaries = Array(repeating: 0, count: capacity + 2)
  }

  mutating func transform(_ f: inout [Double], spacing: Double) {
    let square = spacing * spacing
    let source = f
    var last = -1
    for q in source.indices where source[q].isFinite {
      var start = -Double.infinity
      while last >= 0 {
        let p = vertices[last]
        start = (source[q] - source[p] + square * Double(q * q - p * p)) / (2 * square * Double(q - p))
        if start > boundaries[last] { break }
        last -= 1
      }
      if last < 0 { start = -.infinity }
      last += 1
      vertices[last] = q
      boundaries[last] = start
      boundaries[last + 1] = .infinity
    }
    guard last >= 0 else { return }
    var k = 0
    for x in f.indices {
      while boundaries[k + 1] < Double(x) { k += 1 }
      let distance = Double(x - vertices[k])
      f[x] = source[vertices[k]] + square * distance * distance
    }
  }
}
