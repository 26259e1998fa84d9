import Foundation
import MedicalImaging

/// A folder of small scans and masks for tests of layouts. No two scans hold the same.
struct DatasetFolder {
  let folder: TemporaryFolder
  private static let size = GridSize(4, 4, 4)

  init() throws { folder = try TemporaryFolder() }

  var path: String { folder.path }

  func file(_ name: String) -> String { folder.file(name) }

  /// Writes scans.
  func scans(_ names: String..., channels: Int = 1) throws {
    for name in names {
      let offset = name.utf8.reduce(0) { $0 * 3 + Int($1) } % 10_000
      let voxels = (0..<Self.size.count * channels).map { Float(offset + $0) }
      let geometry = Geometry(spacing: [1, 1, 1])
      try makeParent(of: name)
      try write(
        Volume(size: Self.size, channelCount: channels, geometry: geometry, voxels: voxels), to: file(name))
    }
  }

  /// Writes masks with some values.
  func masks(_ names: String..., values: [UInt8] = [0, 1, 2]) throws {
    for name in names {
      try makeParent(of: name)
      let labels = (0..<Self.size.count).map { values[$0 % values.count] }
      try write(
        LabelVolume(size: Self.size, geometry: Geometry(spacing: [1, 1, 1]), labels: labels), to: file(name))
    }
  }

  func text(_ text: String, to name: String) throws { try folder.write(text.utf8, to: name) }

  private func makeParent(of name: String) throws {
    try FileManager.default.createDirectory(
      at: URL(fileURLWithPath: file(name)).deletingLastPathComponent(), withIntermediateDirectories: true)
  }

  /// The sentence with which something fails.
  func sentence(_ body: () throws(DatasetError) -> some Any) -> String {
    do throws(DatasetError) {
      _ = try body()
      return "nothing was refused"
    } catch {
      return "\(error)"
    }
  }

  /// What verification finds, each as the file's name and what it is.
  func findings(_ dataset: Dataset) -> [String] {
    DatasetVerification.problems(in: dataset).map { "\($0)".replacing(path + "/", with: "") }
  }
}
