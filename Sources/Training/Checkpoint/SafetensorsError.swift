/// Why a safetensors file cannot be read.
public struct SafetensorsError: Error, Equatable, CustomStringConvertible {
  /// What is wrong with the file, with the facts.
  public enum Problem: Error, Equatable {
    case unreadable(reason: String)
    case shorterThanHeaderLength(byteCount: Int)
    case headerLength(UInt64, available: Int)
    case headerSyntax(offset: Int, expected: String)
    case headerText
    case duplicateName(String)
    case dtype(tensor: String, found: String)
    case missingKey(tensor: String, key: String)
    case unknownKey(tensor: String, key: String)
    case shape(tensor: String)
    case offsets(tensor: String, begin: Int, end: Int, available: Int)
    case byteCount(tensor: String, expected: Int, found: Int)
    case notAdjacent(tensor: String, begin: Int, expected: Int)
    case trailingBytes(Int)
  }

  /// The file that was read.
  public let path: String
  public let problem: Problem

  public var description: String {
    if case .unreadable = problem {
      return "\(path): \(problem); check the path and the file's permissions"
    }
    if case .headerLength(let length, _) = problem, length > SafetensorsFile.maximumHeaderLength {
      return "\(path): is no safetensors file, such as 'vnet train' and 'vnet export' write, or is damaged; "
        + "give another, or copy it again"
    }
    return "\(path): \(problem); the file is damaged or not safetensors: copy it again, "
      + "or use another checkpoint"
  }
}

extension SafetensorsError.Problem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unreadable(let reason):
      "cannot be read (\(reason))"
    case .shorterThanHeaderLength(let byteCount):
      "\(byteCount) bytes are too few for the header's length, 8 bytes"
    case .headerLength(let length, let available):
      "a header of \(length) bytes is announced where \(available) bytes follow and "
        + "\(SafetensorsFile.maximumHeaderLength) are allowed"
    case .headerSyntax(let offset, let expected):
      "the header lacks \(expected) at its byte \(offset)"
    case .headerText:
      "the header is not UTF-8 text"
    case .duplicateName(let name):
      "the name \(printable(name)) occurs twice in the header"
    case .dtype(let tensor, let found):
      "tensor \(printable(tensor)) has the unsupported dtype \(printable(found))"
    case .missingKey(let tensor, let key):
      "tensor \(printable(tensor)) lacks '\(key)'"
    case .unknownKey(let tensor, let key):
      "tensor \(printable(tensor)) has the unknown key \(printable(key))"
    case .shape(let tensor):
      "tensor \(printable(tensor)) has a shape whose size overflows"
    case .offsets(let tensor, let begin, let end, let available):
      "tensor \(printable(tensor)) lies at bytes \(begin) to \(end) where the file holds \(available)"
    case .byteCount(let tensor, let expected, let found):
      "tensor \(printable(tensor)) has \(found) bytes where its dtype and shape need \(expected)"
    case .notAdjacent(let tensor, let begin, let expected):
      "tensor \(printable(tensor)) begins at byte \(begin) where the one before it ends at \(expected)"
    case .trailingBytes(let count):
      "\(count) bytes at its end belong to no tensor"
    }
  }
}

/// A name from an untrusted file, quoted, without control characters and not too long to print.
private func printable(_ name: String) -> String {
  let limit = 80
  return (name.count > limit ? String(name.prefix(limit)) + "..." : name).debugDescription
}
