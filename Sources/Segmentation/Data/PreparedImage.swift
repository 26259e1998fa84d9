import MedicalImaging

/// A scan as the network takes it, `[D, H, W, C]`: in memory, or made box by box of the scan as it is stored.
package struct PreparedImage {
  private enum Source {
    case elements([Float])
    case scan(PreparedScan)
  }

  /// Voxels along D, H, W.
  package let extents: [Int]
  package let channelCount: Int
  private let source: Source

  package init(extents: [Int], elements: [Float]) {
    self.extents = extents
    channelCount = elements.count / extents.reduce(1, *)
    source = .elements(elements)
  }

  init(_ scan: PreparedScan) {
    extents = scan.size.extents
    channelCount = scan.channelCount
    source = .scan(scan)
  }

  /// All elements.
  package var elements: [Float] {
    switch source {
    case .elements(let elements): elements
    case .scan(let scan): scan.elements
    }
  }

  /// The elements of a box, with zeros where it reaches beyond the image's end.
  ///
  /// - Precondition: it begins within the image.
  func box(at origin: [Int], _ size: [Int]) -> [Float] {
    let inside = (0..<3).map { min(size[$0], extents[$0] - origin[$0]) }
    let rows = rows(at: origin, inside)
    if inside == size { return rows }
    var result = [Float](repeating: 0, count: size.reduce(channelCount, *))
    let count = inside[2] * channelCount
    for d in 0..<inside[0] {
      for h in 0..<inside[1] {
        let source = (d * inside[1] + h) * count
        let target = (d * size[1] + h) * size[2] * channelCount
        result.replaceSubrange(target..<target + count, with: rows[source..<source + count])
      }
    }
    return result
  }

  /// The elements of a box within the image.
  private func rows(at origin: [Int], _ size: [Int]) -> [Float] {
    let ranges = (0..<3).map { origin[$0]..<origin[$0] + size[$0] }
    switch source {
    case .scan(let scan):
      return scan.box(ranges[0], ranges[1], ranges[2])
    case .elements(let elements):
      var rows: [Float] = []
      rows.reserveCapacity(size.reduce(channelCount, *))
      for d in ranges[0] {
        for h in ranges[1] {
          let start = ((d * extents[1] + h) * extents[2] + origin[2]) * channelCount
          rows += elements[start..<start + size[2] * channelCount]
        }
      }
      return rows
    }
  }
}
