import Foundation

/// A file that describes a data set: read whole, if it is no larger than descriptions are.
package enum DescriptionFile {
  /// The most bytes of a description: enough for a hundred thousand cases.
  static let maximumByteCount = 1 << 25

  /// - Parameter maximumByteCount: the most bytes that are read.
  /// - Throws: `DatasetError.notFound`, `.cannotRead`, `.tooLarge`.
  package static func bytes(
    of path: String, atMost maximumByteCount: Int = DescriptionFile.maximumByteCount
  ) throws(DatasetError) -> [UInt8] {
    let attributes = try? FileManager.default.attributesOfItem(atPath: resolvedPath(path))
    guard let attributes, let byteCount = attributes[.size] as? Int else {
      throw isMissing(path)
        ? .notFound(path: path) : .cannotRead(path: path, reason: "it may not be looked at")
    }
    guard attributes[.type] as? FileAttributeType == .typeRegular else {
      throw .cannotRead(path: path, reason: "it is not a file")
    }
    guard byteCount <= maximumByteCount else { throw .tooLarge(path: path, byteCount: byteCount) }
    do {
      return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw .cannotRead(path: path, reason: "permission denied or a damaged disk")
    }
  }

  /// - Throws: as `bytes(of:)`, and `DatasetError.invalidJSON`.
  static func json(of path: String) throws(DatasetError) -> JSONValue {
    let bytes = try bytes(of: path)
    do throws(JSONSyntaxError) {
      return try JSONParser.value(of: bytes)
    } catch {
      throw .invalidJSON(path: path, reason: "line \(error.line): \(error.reason)")
    }
  }
}
