import MedicalImaging
import Testing

/// Two masks and their metrics by brute force; made by Goldens/metrics/make_metrics_goldens.py.
struct MetricsGolden: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let size: [Int]
  let spacing: [Double]
  /// One digit a voxel, i fastest.
  private let prediction: String
  private let truth: String
  /// Of the classes 1, 2, 3.
  let metrics: [ClassMetrics]

  static let all: [MetricsGolden] = decodedGoldens("metrics/masks")

  var testDescription: String { name }
  var predictedMask: LabelVolume { mask(prediction) }
  var trueMask: LabelVolume { mask(truth) }

  private func mask(_ digits: String) -> LabelVolume {
    LabelVolume(
      size: GridSize(size[0], size[1], size[2]), geometry: Geometry(spacing: spacing),
      labels: digits.utf8.map { $0 - UInt8(ascii: "0") })
  }
}

struct SoftDiceGolden: Decodable, Sendable {
  /// `[D, H, W, classes]`.
  let probabilities: [Float]
  /// `[D, H, W]`.
  let labels: [UInt8]
  let classCount: Int
  let softDice: [Double]

  static let value: SoftDiceGolden = decodedGoldens("metrics/soft_dice")
}

/// SciPy's Euclidean distance transform of a grid.
struct DistanceGolden: Decodable, Sendable, CustomTestStringConvertible {
  let size: [Int]
  let spacing: [Double]
  /// One digit a voxel, i fastest.
  private let marked: String
  /// To the nearest marked voxel, in mm.
  let distances: [Double]

  static let all: [DistanceGolden] = decodedGoldens("metrics/distances")

  var testDescription: String { "\(grid), \(spacing) mm" }
  var grid: GridSize { GridSize(size[0], size[1], size[2]) }
  var markedVoxels: [Int] {
    marked.utf8.enumerated().filter { $0.element == UInt8(ascii: "1") }.map(\.offset)
  }
}
