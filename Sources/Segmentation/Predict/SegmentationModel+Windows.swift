import MedicalImaging

/// Prediction of scans of any size, at the model's spacing.
extension SegmentationModel {
  /// The class probabilities of a prepared scan, `[D, H, W, classes]`.
  func windowedProbabilities(of image: PreparedImage) throws -> [Float] {
    var probabilities: [Float] = []
    probabilities.reserveCapacity(image.extents.reduce(classCount, *))
    try forEachPlane(of: image) { probabilities += $0 }
    return probabilities
  }

  /// The class of every voxel of a scan on its own grid. Of a large scan only a few planes of probabilities are in
  /// memory at a time.
  func mask(of volume: Volume) throws -> LabelVolume {
    guard record.preparation.spacing != nil else {
      return try nativeProbabilities(of: volume).mostProbableClasses()
    }
    let (size, geometry) = (volume.size, volume.geometry)
    let image = record.preparation.image(of: volume)
    var mask = PlanewiseMask(from: image.extents, to: size, classCount: classCount)
    try forEachPlane(of: image) { mask.add($0) }
    return LabelVolume(size: size, geometry: geometry, labels: mask.labels)
  }

  /// Calls `body` with the probabilities `[H, W, classes]` of one plane across D after the other: those of the whole
  /// scan at once where it is small enough, with zeros added behind it up to what the network takes; else of
  /// overlapping windows.
  private func forEachPlane(of image: PreparedImage, _ body: ([Float]) throws -> Void) throws {
    let stride = graphs.model.configuration.stride
    let whole = image.extents.map { ($0 + stride - 1) / stride * stride }
    let window =
      whole.reduce(1, *) <= wholeScanLimit ? whole : graphs.model.configuration.inputShape
    let extents = zip(image.extents, window).map { max($0, $1) }
    let padded = image.padded(to: extents)
    let grid = WindowGrid(extents: extents, window: window)
    var average = WindowAverage(grid, extents: extents, classCount: classCount)
    func finish(upTo end: Int) throws {
      for plane in average.planes(upTo: end) where plane.index < image.extents[0] {
        let wanted = [1, image.extents[1], image.extents[2]]
        try body(
          plane.probabilities.box(
            [0, 0, 0], wanted, of: [1] + extents.dropFirst(), elementsPerVoxel: classCount))
      }
    }
    let channelCount = record.preparation.channelNames.count
    for origin in grid.origins {
      try finish(upTo: origin[0])
      let input = padded.box(origin, window, of: extents, elementsPerVoxel: channelCount)
      average.add(try run(input, batchSize: 1, inputShape: window), at: origin)
    }
    try finish(upTo: extents[0])
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
