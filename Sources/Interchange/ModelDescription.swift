import Foundation
import MedicalImaging
import Networks
import Segmentation

/// What a program of others must know to go from a scan to a mask by a model's network: how scans are prepared, in which pieces
/// the network takes them, and what becomes of its outputs. docs/EXPORT.md tells what each name means.
public struct ModelDescription: Encodable, Equatable, Sendable {
  /// Raised when a name or its meaning changes.
  public static let currentVersion = 1

  public struct Channel: Encodable, Equatable, Sendable {
    public let name: String
    public let normalization: Normalization
  }

  public enum Normalization: Equatable, Sendable {
    case zScore
    /// As `zScore` over the voxels inside alone; those that have the value of most of the eight corners become 0.
    case zScoreInside
    /// In the scan's units.
    case clip(lower: Double, upper: Double, mean: Double, deviation: Double)
  }

  public enum Decision: String, Encodable, Sendable {
    /// The most probable output, the first on a tie.
    case argmax
    /// The last output whose probability is above 1/2; 0 where there is none.
    case lastAboveHalf = "last_above_half"
  }

  public struct Output: Encodable, Equatable, Sendable {
    public let name: String
    /// The value in a mask of a voxel for which this output decides.
    public let value: Int
    /// The values of voxels that belong to it.
    public let values: [Int]
  }

  let version = ModelDescription.currentVersion
  public let program: String
  public let dataset: String
  public let network: String
  public let epochs: Int
  /// "RAS" or "stored".
  public let orientation: String
  /// mm along i, j, k; nil for one grid for all scans.
  public let spacing: [Double]?
  /// Voxels along i, j, k; nil with a spacing.
  public let grid: [Int]?
  /// Voxels along i, j, k of a window or tile, as the network takes and gives it.
  public let inputShape, outputShape: [Int]
  /// What the extents of an input are multiples of.
  public let stride: Int
  public let hasDynamicExtents: Bool
  /// The most voxels, and the largest extent, of a scan that is taken at once; nil where none is.
  public let wholeScanLimit, largestExtent: Int?
  /// By how much of a window neighbouring ones overlap; nil for tiles.
  public let windowOverlap: Double?
  public let channels: [Channel]
  /// What is taken for voxels that are not a number; nil where they are refused.
  public let nanAs: Double?
  public let outputs: [Output]
  public let decision: Decision
  /// Names of outputs, one after the other, of which only the largest component stays.
  public let keepLargest: [String]

  enum CodingKeys: String, CodingKey {
    case version, program, dataset, network, epochs, orientation, spacing, grid, stride, channels, outputs
    case decision
    case inputShape = "input_shape"
    case outputShape = "output_shape"
    case hasDynamicExtents = "dynamic_extents"
    case wholeScanLimit = "whole_scan_limit"
    case largestExtent = "largest_extent"
    case windowOverlap = "window_overlap"
    case nanAs = "nan_as"
    case keepLargest = "keep_largest"
  }

  /// - Parameter hasDynamicExtents: whether the network takes inputs of any extents that are multiples of the stride.
  public init(_ record: ModelRecord, _ postprocessing: Postprocessing, hasDynamicExtents: Bool) {
    let (preparation, shape) = (record.preparation, record.options.network)
    program = "vnet \(ProgramVersion.current)"
    dataset = record.datasetName
    network = shape.architecture.kind.rawValue
    epochs = record.epoch
    switch preparation.orientation {
    case .canonical: orientation = "RAS"
    case .stored: orientation = "stored"
    }
    spacing = preparation.spacing
    grid = preparation.spacing == nil ? preparation.gridShape : nil
    (inputShape, outputShape) = (shape.inputShape, shape.outputShape)
    stride = shape.stride
    self.hasDynamicExtents = hasDynamicExtents
    let takesWholeScans = hasDynamicExtents && preparation.spacing != nil
    wholeScanLimit = takesWholeScans ? PredictionOptions().wholeScanLimit : nil
    largestExtent = takesWholeScans ? Network.largestExtent : nil
    windowOverlap = preparation.spacing == nil ? nil : 0.5
    channels = zip(preparation.channelNames, preparation.normalizations).map {
      Channel(name: $0, normalization: Normalization($1))
    }
    nanAs = preparation.notANumber.map { Double($0) }
    let labels = preparation.labels
    outputs = Self.outputs(labels)
    decision = labels.hasRegions ? .lastAboveHalf : .argmax
    keepLargest = postprocessing.keepLargest
  }

  private static func outputs(_ labels: LabelScheme) -> [Output] {
    switch labels.form {
    case .classes(let classes):
      classes.map { Output(name: $0.name, value: Int($0.value), values: [Int($0.value)]) }
    case .regions(let regions):
      regions.map {
        Output(name: $0.name, value: Int($0.writtenValue), values: $0.values.map(Int.init))
      }
    }
  }
}

extension ModelDescription.Normalization: Encodable {
  init(_ normalization: MedicalImaging.Normalization) {
    switch normalization {
    case .zScore: self = .zScore
    case .zScoreInside: self = .zScoreInside
    case .clip(let statistics):
      self = .clip(
        lower: statistics.lowerBound, upper: statistics.upperBound, mean: statistics.mean,
        deviation: statistics.standardDeviation)
    }
  }

  private enum CodingKeys: String, CodingKey {
    case kind, lower, upper, mean, deviation
  }

  /// As `{"kind": "z_score"}`, or `{"kind": "clip", "lower": ...}`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .zScore: try container.encode("z_score", forKey: .kind)
    case .zScoreInside: try container.encode("z_score_inside", forKey: .kind)
    case .clip(let lower, let upper, let mean, let deviation):
      try container.encode("clip", forKey: .kind)
      try container.encode(lower, forKey: .lower)
      try container.encode(upper, forKey: .upper)
      try container.encode(mean, forKey: .mean)
      try container.encode(deviation, forKey: .deviation)
    }
  }
}

extension ModelDescription {
  /// One line; names in their alphabetical order.
  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }
}
