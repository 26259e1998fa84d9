import MedicalImaging

/// The class probabilities of a prepared scan, one plane across D after the other: those of the whole scan at once where
/// it is small enough, with zeros added behind it up to what the network takes; else of overlapping windows.
struct ScanPlanes {
  private let model: SegmentationModel
  /// Voxels of the scan along D, H, W; of the scan with the zeros behind it.
  private let (wanted, extents): ([Int], [Int])
  /// `[D, H, W, C]`, zeros included.
  private let padded: [Float]
  private let grid: WindowGrid
  private var average: WindowAverage
  /// The windows that were predicted.
  private var windowCount = 0
  /// Complete planes, not returned yet.
  private var ready: ArraySlice<WindowAverage.Plane> = []

  init(of image: PreparedImage, by model: SegmentationModel) {
    self.model = model
    let stride = model.graphs.network.stride
    let whole = image.extents.map { ($0 + stride - 1) / stride * stride }
    let window =
      whole.reduce(1, *) <= model.wholeScanLimit ? whole : model.graphs.network.inputShape
    wanted = image.extents
    extents = zip(wanted, window).map { max($0, $1) }
    padded = image.padded(to: extents)
    grid = WindowGrid(extents: extents, window: window)
    average = WindowAverage(grid, extents: extents, classCount: model.classCount)
  }

  /// The next plane, `[H, W, classes]`; nil behind the last.
  mutating func next() throws -> [Float]? {
    while ready.isEmpty {
      guard windowCount < grid.origins.count else {
        ready = average.planes(upTo: extents[0])[...]
        break
      }
      try addWindow()
    }
    guard let plane = ready.popFirst(), plane.index < wanted[0] else { return nil }
    return plane.probabilities.box(
      [0, 0, 0], [1, wanted[1], wanted[2]], of: [1] + extents.dropFirst(), elementsPerVoxel: model.classCount)
  }

  /// Completes the planes before the next window, and predicts it.
  private mutating func addWindow() throws {
    let origin = grid.origins[windowCount]
    ready = average.planes(upTo: origin[0])[...]
    let channelCount = model.record.preparation.channelNames.count
    let input = padded.box(origin, grid.window, of: extents, elementsPerVoxel: channelCount)
    average.add(try model.run(input, batchSize: 1, inputShape: grid.window), at: origin)
    windowCount += 1
  }
}

extension PreparedImage {
  /// The elements on a larger grid, zeros behind them along each axis.
  fileprivate func padded(to wanted: [Int]) -> [Float] {
    if wanted == extents { return elements }
    let channelCount = elements.count / extents.reduce(1, *)
    var result = [Float](repeating: 0, count: wanted.reduce(channelCount, *))
    let rowCount = extents[2] * channelCount
    for d in 0..<extents[0] {
      for h in 0..<extents[1] {
        let source = (d * extents[1] + h) * rowCount
        let target = (d * wanted[1] + h) * wanted[2] * channelCount
        result.replaceSubrange(target..<target + rowCount, with: elements[source..<source + rowCount])
      }
    }
    return result
  }
}

extension [Float] {
  /// A box of an array of some extents along D, H, W.
  fileprivate func box(
    _ origin: [Int], _ size: [Int], of extents: [Int], elementsPerVoxel: Int
  ) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(size.reduce(elementsPerVoxel, *))
    for d in origin[0]..<origin[0] + size[0] {
      for h in origin[1]..<origin[1] + size[1] {
        let row = ((d * extents[1] + h) * extents[2] + origin[2]) * elementsPerVoxel
        result.append(contentsOf: self[row..<row + size[2] * elementsPerVoxel])
      }
    }
    return result
  }
}
