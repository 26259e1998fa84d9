/// How a predictor goes about a scan.
public struct PredictionOptions: Equatable, Sendable {
  /// The axes, among D (0), H (1) and W (2), along which a scan is mirrored: probabilities are the mean over every
  /// combination of them, 2 to the power of their number. Empty for the scan as it is.
  public var mirroredAxes: [Int]
  /// The axes of the one mirroring in which a scan is seen; nil for all of `mirroredAxes`.
  var onlyMirroring: [Int]?
  /// The largest scan at a model's spacing that the network takes at once, in voxels with the zeros added behind it; larger
  /// ones are predicted window by window. A model that resamples all scans to one grid always takes the grid.
  public var wholeScanLimit: Int
  /// What is taken in place of voxels that are not a number; nil for what the model was trained with.
  public var notANumber: Float?
  /// What becomes of a mask after the network.
  public var postprocessing: Postprocessing

  public init(
    mirroredAxes: [Int] = [], wholeScanLimit: Int = 1 << 20, notANumber: Float? = nil,
    postprocessing: Postprocessing = Postprocessing()
  ) {
    self.mirroredAxes = mirroredAxes
    self.wholeScanLimit = wholeScanLimit
    self.notANumber = notANumber
    self.postprocessing = postprocessing
  }

  /// The mirrorings over which probabilities are averaged, each by its axes.
  var combinations: [[Int]] { onlyMirroring.map { [$0] } ?? mirrorings(of: mirroredAxes) }
}
