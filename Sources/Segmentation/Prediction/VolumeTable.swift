import DurableFiles
import MedicalImaging

/// How large each structure of some masks is, as a table for spreadsheets: a line for each structure of each case.
public struct VolumeTable {
  private let labels: LabelScheme
  private var lines = ["case,class,voxels,volume_mm3,mask"]

  public init(_ labels: LabelScheme) { self.labels = labels }

  /// Adds a case by its mask's file.
  ///
  /// - Throws: `ImageError` where it cannot be read as a mask.
  public mutating func add(_ name: String, maskAt path: String) throws {
    let mask = try Image(contentsOf: path).labelVolume()
    let voxelVolume = mask.geometry.spacing.reduce(1, *)
    var counts = [Int](repeating: 0, count: 256)
    for label in mask.labels { counts[Int(label)] += 1 }
    for structure in labels.structures {
      let count = structure.values.reduce(0) { $0 + counts[Int($1)] }
      let cells = [
        name.csvField, structure.name.csvField, "\(count)", "\(Double(count) * voxelVolume)", path.csvField,
      ]
      lines.append(cells.joined(separator: ","))
    }
  }

  /// Source: RFC 4180, with the header line.
  public var csv: String { lines.joined(separator: "\r\n") + "\r\n" }

  public func write(to path: String) throws { try AtomicFile.write(csv, to: path) }
}
