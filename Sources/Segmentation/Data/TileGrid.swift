import MedicalImaging

/// How a grid is covered by the network's outputs.
///
/// A network with `same` padding takes the whole grid at once: one tile, no margin. One with `valid` padding
/// sees a margin around each output tile, which is mirrored at the grid's edges.
///
/// Source: Ronneberger et al. 2015, section 2 (overlap-tile strategy).
package struct TileGrid: Sendable {
  let gridShape: [Int]
  let inputShape: [Int]
  let outputShape: [Int]
  /// The corners of the output tiles, in voxels of the grid; the last tiles of an axis may overlap.
  package let origins: [[Int]]

  /// - Precondition: no output extent exceeds the grid's.
  package init(gridShape: [Int], inputShape: [Int], outputShape: [Int]) {
    self.gridShape = gridShape
    self.inputShape = inputShape
    self.outputShape = outputShape
    let starts = zip(gridShape, outputShape).map { grid, tile in
      stride(from: 0, to: grid, by: tile).map { min($0, grid - tile) }
    }
    origins = starts[0].flatMap { d in starts[1].flatMap { h in starts[2].map { [d, h, $0] } } }
  }

  package var isWholeGrid: Bool { inputShape == gridShape && outputShape == gridShape }

  /// A random corner of an output tile.
  package func randomOrigin(using generator: inout some RandomNumberGenerator) -> [Int] {
    zip(gridShape, outputShape).map { Int.random(in: 0...($0 - $1), using: &generator) }
  }

  /// The network's input for the output tile at `origin`: `[D, H, W, C]` of the input shape.
  package func input(_ image: [Float], channelCount: Int, origin: [Int]) -> [Float] {
    if isWholeGrid { return image }
    let margin = zip(inputShape, outputShape).map { ($0 - $1) / 2 }
    let sources = (0..<3).map { axis in
      (0..<inputShape[axis]).map { mirrored(origin[axis] + $0 - margin[axis], gridShape[axis]) }
    }
    var tile: [Float] = []
    tile.reserveCapacity(inputShape.reduce(channelCount, *))
    for d in sources[0] {
      for h in sources[1] {
        for w in sources[2] {
          let voxel = ((d * gridShape[1] + h) * gridShape[2] + w) * channelCount
          tile.append(contentsOf: image[voxel..<voxel + channelCount])
        }
      }
    }
    return tile
  }

  /// The labels under the output tile at `origin`.
  package func labels(_ labels: [UInt8], origin: [Int]) -> [UInt8] {
    if isWholeGrid { return labels }
    return rows(origin).flatMap { labels[$0] }
  }

  /// The voxels of an output tile, row by row.
  private func rows(_ origin: [Int]) -> [Range<Int>] {
    (0..<outputShape[0]).flatMap { d in
      (0..<outputShape[1]).map { h in
        let start = ((origin[0] + d) * gridShape[1] + origin[1] + h) * gridShape[2] + origin[2]
        return start..<start + outputShape[2]
      }
    }
  }

  /// The voxel of an axis that a position beyond its ends mirrors; the edge voxel itself is not repeated.
  private func mirrored(_ position: Int, _ extent: Int) -> Int {
    if extent == 1 { return 0 }
    let period = 2 * (extent - 1)
    let folded = ((position % period) + period) % period
    return folded < extent ? folded : period - folded
  }
}
