import Foundation
import Testing

/// What nibabel reads from a file in Goldens/nifti; made by Goldens/make_nifti_goldens.py.
struct NIfTIGolden: Decodable, Sendable {
  let dims: [Int]
  let dtype: String
  let bigEndian: Bool
  let version: Int
  let affine: [[Double]]
  let spacing: [Double]
  let orientation: String
  let descrip: String
  let qformCode: Int
  let sformCode: Int
  let voxels: [Float]

  static let all: [String: NIfTIGolden] = {
    do {
      let url = try #require(Bundle.module.url(forResource: "Goldens/nifti", withExtension: "json"))
      return try JSONDecoder().decode([String: NIfTIGolden].self, from: Data(contentsOf: url))
    } catch {
      fatalError("the goldens cannot be read: \(error)")
    }
  }()

  static let names: [String] = all.keys.sorted()

  static func path(_ name: String) throws -> String {
    try #require(Bundle.module.url(forResource: "Goldens/nifti/" + name, withExtension: nil)).path
  }
}
