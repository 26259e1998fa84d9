import CZlib
import Foundation
import Training

/// The CRC-32 of all that a checkpoint holds, kept in its metadata: against bits that flip on a disk or on the way. It is no
/// seal: whoever changes a tensor on purpose can change it, too.
///
/// Source: RFC 1952, section 8, as zlib computes it.
struct CheckpointChecksums: Codable, Equatable {
  /// Its key in the metadata.
  static let key = "vnet.crc32"

  let record: UInt32
  /// By name, of the bytes as they lie in the file.
  let tensors: [String: UInt32]
  /// By name; nil where there are none.
  let notes: [String: UInt32]?

  init(record: String, tensors: [String: SafetensorsTensor], notes: [String: String]) {
    self.record = Self.checksum(Array(record.utf8))
    self.tensors = tensors.mapValues { Self.checksum($0.bytes) }
    self.notes = notes.isEmpty ? nil : notes.mapValues { Self.checksum(Array($0.utf8)) }
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt32 { UInt32(crc32_z(0, bytes, bytes.count)) }

  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }

  /// Checks a checkpoint against the checksums in its metadata; what earlier versions wrote has none, and passes.
  ///
  /// - Throws: `SegmentationError.damagedModel`, naming what differs.
  static func verify(_ file: SafetensorsFile, record: String, path: String) throws {
    guard let text = file.metadata[key] else { return }
    guard let written = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)) else {
      throw SegmentationError.damagedModel(path: path, reason: "its checksums do not parse")
    }
    let noted = file.metadata.filter { written.notes?[$0.key] != nil }
    let found = Self(record: record, tensors: file.tensors, notes: noted)
    guard found.record == written.record else {
      throw SegmentationError.damagedModel(path: path, reason: "its description is not what was written")
    }
    guard found.notes == written.notes else {
      throw SegmentationError.damagedModel(
        path: path, reason: "what it says of itself is not what was written")
    }
    if let name = found.tensors.keys.sorted().first(where: { found.tensors[$0] != written.tensors[$0] }) {
      throw SegmentationError.damagedModel(path: path, reason: "the tensor \(name) is not what was written")
    }
  }
}
