import MedicalImaging
import Testing

/// Grids with their order by nibabel and SimpleITK; made by Goldens/orientation/make_orientation_goldens.py.
struct OrientationGolden: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  private let size: [Int]
  private let affine: [[Double]]
  /// Such as "LAS".
  let order: String
  /// Degrees.
  let obliqueness: Double
  private let canonicalSize: [Int]
  private let canonicalAffine: [[Double]]
  /// Of the voxels 0, 1, 2, ... of the grid, i fastest.
  private let canonicalVoxels: [Int]

  static let all: [OrientationGolden] = decodedGoldens("orientation/grids")

  var testDescription: String { "\(name), \(order)" }

  var volume: Volume { Self.volume(size, affine, voxels: 0..<size.reduce(1, *)) }
  var canonicalVolume: Volume { Self.volume(canonicalSize, canonicalAffine, voxels: canonicalVoxels) }

  private static func volume(_ size: [Int], _ affine: [[Double]], voxels: some Sequence<Int>) -> Volume {
    let spacing = (0..<3).map { column in affine.reduce(0) { $0 + $1[column] * $1[column] }.squareRoot() }
    return Volume(
      size: GridSize(size[0], size[1], size[2]), geometry: Geometry(spacing: spacing, affine: affine),
      voxels: voxels.map { Float($0) })
  }
}
