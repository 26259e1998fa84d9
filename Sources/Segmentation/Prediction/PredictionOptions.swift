/// How a predictor goes about a scan.
public struct PredictionOptions: Equatable, Sendable {
  /// How a scan is shown to each model, whose probabilities are the mean over these; at least one.
  public var views: [ScanView]
  /// The largest scan at a model's spacing that the network takes at once, in voxels with the zeros added behind it; larger
  /// ones are predicted window by window. A model that resamples all scans to one grid always takes the grid.
  public var wholeScanLimit: Int
  /// What is taken in place of voxels that are not a number; nil for what the model was trained with.
  public var notANumber: Float?
  /// What becomes of a mask after the network.
  public var postprocessing: Postprocessing

  public init(
    views: [ScanView] = [.asIs], wholeScanLimit: Int = 1 << 20, notANumber: Float? = nil,
    postprocessing: Postprocessing = Postprocessing()
  ) {
    precondition(!views.isEmpty, "a scan that is not looked at")
    self.views = views
    self.wholeScanLimit = wholeScanLimit
    self.notANumber = notANumber
    self.postprocessing = postprocessing
  }
}
