import MedicalImaging

/// What `vnet inspect --json` says of a scan.
struct ScanSummary: Encodable {
  let path: String
  let format: String
  /// Voxels along i, j, k.
  let size: [Int]
  let channelCount: Int
  /// mm along i, j, k.
  let spacing: [Double]
  let orientation: String
  let tellsOrientation: Bool
  let affine: [[Double]]

  init(_ header: ImageHeader, _ path: String) {
    self.path = path
    format = header.formatDescription
    size = header.size.extents
    channelCount = header.channelCount
    spacing = header.geometry.spacing
    orientation = header.geometry.orientation
    tellsOrientation = header.tellsOrientation
    affine = header.geometry.affine
  }
}

/// What `vnet inspect --json` says of a data set.
struct DatasetSummary: Encodable {
  struct Case: Encodable {
    let name: String
    /// Voxels, and mm, to the right, the front and up.
    let size: [Int]
    let spacing: [Double]
  }

  let name: String
  let layout: String
  let channels: [String]
  let labels: [String]
  let labelled: [Case]
  let unlabelledCount: Int

  /// - Parameters:
  ///   - sizes, spacings: of the labelled cases, in their order.
  init(_ dataset: Dataset, _ sizes: [GridSize], _ spacings: [[Double]]) {
    name = dataset.name
    layout = dataset.summary
    channels = dataset.channelNames
    labels = dataset.labels.valuedNames
    labelled = zip(dataset.training, zip(sizes, spacings)).map {
      Case(name: $0.name, size: $1.0.extents, spacing: $1.1)
    }
    unlabelledCount = dataset.test.count
  }
}
