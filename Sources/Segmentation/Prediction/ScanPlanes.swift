/// The class probabilities of a prepared scan on a model's grid, one plane across D after the other, predicted piece by
/// piece as planes are asked for.
package struct ScanPlanes {
  private let image: PreparedImage
  private let model: SegmentationModel
  private let options: PredictionOptions
  private let times: PhaseTimes
  private var cover: any ScanCover
  /// The pieces that were predicted.
  private var pieceCount = 0
  private var planesLeft: Int

  package init(
    of image: PreparedImage, by model: SegmentationModel, _ options: PredictionOptions,
    _ times: PhaseTimes = PhaseTimes()
  ) {
    self.image = image
    self.model = model
    self.options = options
    self.times = times
    cover = model.cover(of: image.extents, wholeScanLimit: options.wholeScanLimit)
    planesLeft = image.extents[0]
  }

  /// The planes in memory.
  package var planeCount: Int { cover.planeCount }

  /// The next plane, `[H, W, classes]`; nil behind the last.
  package mutating func next() throws -> [Float]? {
    guard planesLeft > 0 else { return nil }
    planesLeft -= 1
    while true {
      let isLast = pieceCount == cover.origins.count
      if let plane = cover.nextPlane(before: isLast ? .max : cover.origins[pieceCount][0]) {
        return plane
      }
      precondition(!isLast, "pieces that do not cover the scan")
      try addPiece()
    }
  }

  private mutating func addPiece() throws {
    let origin = cover.origins[pieceCount]
    let input = times.measuring(.preparing) { cover.input(of: image, at: origin) }
    let probabilities = try times.measuring(.network) {
      try model.probabilities(of: input, cover.inputShape, over: options.views)
    }
    cover.add(probabilities, at: origin)
    pieceCount += 1
  }
}
