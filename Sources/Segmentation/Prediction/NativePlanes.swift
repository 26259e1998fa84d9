import MedicalImaging

/// The class probabilities of a scan on its own grid, one plane across i after the other, interpolated linearly from those on
/// a model's grid along i, then j, then k. Besides the planes that the model has under way two are in memory.
struct NativePlanes {
  private var source: ScanPlanes
  private let size: GridSize
  private let classCount: Int
  /// Where the scan's voxels lie on the model's grid, along i, j, k.
  private let maps: [AxisMap]
  /// The extent of a row of a plane on the model's grid, along k.
  private let rowExtent: Int
  /// The last plane that the model gave, and the one before it; how many it gave.
  private var (current, previous): ([Float], [Float]) = ([], [])
  private var planeCount = 0
  /// The scan's first plane across i that is not done.
  private var nextIndex = 0

  /// - Parameters:
  ///   - size: of the scan.
  ///   - image: the scan prepared for the model.
  init(
    onto size: GridSize, of image: PreparedImage, by model: SegmentationModel, _ options: PredictionOptions,
    _ times: PhaseTimes
  ) {
    source = ScanPlanes(of: image, by: model, options, times)
    self.size = size
    classCount = model.classCount
    maps = zip(image.extents, size.extents).map { AxisMap(input: $0, output: $1) }
    rowExtent = image.extents[2]
  }

  /// The next plane, `[J, K, classes]`.
  ///
  /// - Parameter onGridPlane: called with each plane `[H, W, classes]` that the model gives on the way.
  /// - Precondition: not called more often than the scan has planes across i.
  mutating func next(_ onGridPlane: ([Float]) -> Void = { _ in }) throws -> [Float] {
    while planeCount <= maps[0].upper[nextIndex] { try takePlane(onGridPlane) }
    let lower = maps[0].lower[nextIndex] == planeCount - 1 ? current : previous
    defer { nextIndex += 1 }
    return interpolated(blended(lower, current, maps[0].weight[nextIndex]))
  }

  /// Lets the model predict to its grid's end, where the scan's last plane does not need that.
  mutating func finish(_ onGridPlane: ([Float]) -> Void) throws {
    while let plane = try source.next() { onGridPlane(plane) }
  }

  private mutating func takePlane(_ onGridPlane: ([Float]) -> Void) throws {
    guard let plane = try source.next() else { preconditionFailure("a plane beyond the model's grid") }
    onGridPlane(plane)
    (previous, current) = (current, plane)
    planeCount += 1
  }

  private func blended(_ a: [Float], _ b: [Float], _ weight: Float) -> [Float] {
    weight == 0 ? a : a.indices.map { a[$0] + weight * (b[$0] - a[$0]) }
  }

  /// A plane of the model's grid, interpolated along j, then k.
  private func interpolated(_ plane: [Float]) -> [Float] {
    let rowCount = rowExtent * classCount
    var result: [Float] = []
    result.reserveCapacity(size.j * size.k * classCount)
    for j in 0..<size.j {
      let (low, high) = (maps[1].lower[j] * rowCount, maps[1].upper[j] * rowCount)
      let row = blended(
        Array(plane[low..<low + rowCount]), Array(plane[high..<high + rowCount]), maps[1].weight[j])
      for k in 0..<size.k {
        let (a, b) = (maps[2].lower[k] * classCount, maps[2].upper[k] * classCount)
        for label in 0..<classCount {
          result.append(row[a + label] + maps[2].weight[k] * (row[b + label] - row[a + label]))
        }
      }
    }
    return result
  }
}
