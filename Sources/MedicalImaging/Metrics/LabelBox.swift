/// The smallest box of a grid that holds all voxels of a label in some masks.
struct LabelBox {
  /// The box's first voxel: i, j, k.
  let lower: (i: Int, j: Int, k: Int)
  let size: GridSize

  /// - Returns: nil where no mask has the label.
  init?(of label: UInt8, in masks: [LabelVolume]) {
    var (i, j, k) = (Span(), Span(), Span())
    for mask in masks {
      mask.labels.withUnsafeBufferPointer { labels in
        for row in 0..<mask.size.j * mask.size.k {
          let line = labels[row * mask.size.i..<(row + 1) * mask.size.i]
          guard let first = line.firstIndex(of: label), let last = line.lastIndex(of: label) else { continue }
          i.include(first - line.startIndex)
          i.include(last - line.startIndex)
          j.include(row % mask.size.j)
          k.include(row / mask.size.j)
        }
      }
    }
    guard i.upper >= 0 else { return nil }
    lower = (i.lower, j.lower, k.lower)
    size = GridSize(i.count, j.count, k.count)
  }

  private struct Span {
    var lower = Int.max
    var upper = -1
    var count: Int { upper - lower + 1 }

    mutating func include(_ position: Int) {
      lower = min(lower, position)
      upper = max(upper, position)
    }
  }
}
