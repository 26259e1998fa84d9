import Foundation
import MedicalImaging
import Testing

/// What SimpleITK gives; made by Goldens/resampling/make_resampling_goldens.py.
struct ResamplingGolden: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let size: [Int]
  let newSize: [Int]
  let channelCount: Int
  let spacing: [Double]
  let affine: [[Double]]
  let newSpacing: [Double]
  let newAffine: [[Double]]
  let voxels: [Float]
  /// nil where SimpleITK takes a sample to lie outside.
  let resampled: [Float?]
  let back: [Float?]?
  let labels: [UInt8]
  /// nil outside, and where a sample is halfway between two voxels.
  let resampledLabels: [UInt8?]

  static let all: [ResamplingGolden] = decodedGoldens("resampling/synthetic")

  var testDescription: String { name }
  var grid: GridSize { GridSize(size[0], size[1], size[2]) }
  var newGrid: GridSize { GridSize(newSize[0], newSize[1], newSize[2]) }
  var geometry: Geometry { Geometry(spacing: spacing, affine: affine) }
  var volume: Volume { Volume(size: grid, channelCount: channelCount, geometry: geometry, voxels: voxels) }
}

/// A few samples of a real scan, by their position in the resampled array.
struct HippocampusGolden: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let newSize: [Int]
  let at: [Int]
  let linear: [Float]
  let atLabels: [Int]
  let nearest: [UInt8]
  let atBack: [Int]
  let back: [Float]

  static let all: [HippocampusGolden] = decodedGoldens("resampling/hippocampus")

  var testDescription: String { name }
  var newGrid: GridSize { GridSize(newSize[0], newSize[1], newSize[2]) }
}

/// Reads a JSON file of Goldens.
func decodedGoldens<Golden: Decodable>(_ name: String) -> Golden {
  do {
    let url = try #require(Bundle.module.url(forResource: "Goldens/" + name, withExtension: "json"))
    return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
  } catch {
    fatalError("the goldens \(name) cannot be read: \(error)")
  }
}
