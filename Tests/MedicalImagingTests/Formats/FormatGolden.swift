import Foundation
import MedicalImaging
import Testing

/// What SimpleITK or nibabel read from a file in Goldens/formats; made by Goldens/make_format_goldens.py.
struct FormatGolden: Decodable, Sendable {
  let size: [Int]
  let channels: Int
  let type: String
  let spacing: [Double]
  let affine: [[Double]]
  /// Apart by blanks: i fastest, then j, k and the channel.
  let voxels: String

  static let all: [String: FormatGolden] = {
    do {
      let url = try #require(Bundle.module.url(forResource: "Goldens/formats", withExtension: "json"))
      return try JSONDecoder().decode([String: FormatGolden].self, from: Data(contentsOf: url))
    } catch {
      fatalError("\(error)")
    }
  }()

  static let names = all.keys.sorted()

  static let goldens: String = {
    Bundle.module.resourceURL?.appendingPathComponent("Goldens").path ?? ""
  }()

  static func path(_ name: String) -> String { goldens + "/formats/" + name }
}

extension Geometry {
  /// Whether spacing and affine agree, relative to their size, within a tolerance.
  func isClose(to other: Geometry, within tolerance: Double = 1e-6) -> Bool {
    zip(spacing + affine.joined(), other.spacing + other.affine.joined())
      .allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }
  }
}
