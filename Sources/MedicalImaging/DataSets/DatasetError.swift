/// What can be wrong with a data set's `dataset.json`. Every case carries the path of that file.
public enum DatasetError: Error, Equatable, Sendable {
  case notFound(path: String)
  case cannotRead(path: String, reason: String)
  case tooLarge(path: String, byteCount: Int)
  case invalidJSON(path: String, reason: String)
  case missingKey(path: String, key: String)
  /// A value has another type or content than `expected` says.
  case invalidValue(path: String, key: String, expected: String)
  /// Channels are not numbered 0, 1, 2, ...
  case notConsecutive(path: String, key: String, indices: [Int])
  case noForeground(path: String)
  case label(path: String, LabelError)
  case noTrainingCases(path: String)
  case outsideFolder(path: String, entry: String)
}

extension DatasetError: CustomStringConvertible {
  /// One sentence: the file, what is wrong and what to do.
  public var description: String {
    switch self {
    case .notFound(let path):
      "\(path): there is no such file; give the folder of a data set that holds a dataset.json."
    case .cannotRead(let path, let reason):
      "\(path): cannot be read (\(reason)); check its permissions."
    case .tooLarge(let path, let byteCount):
      "\(path): has \(byteCount) bytes, more than any list of cases; check that it is the right file."
    case .invalidJSON(let path, let reason):
      "\(path): is not valid JSON (\(reason)); correct it with a JSON editor."
    case .missingKey(let path, let key):
      "\(path): lacks the key \"\(key)\"; add it as the Medical Segmentation Decathlon's files have it."
    case .invalidValue(let path, let key, let expected):
      "\(path): the value of \"\(key)\" is not \(expected); correct it."
    case .notConsecutive(let path, let key, let indices):
      "\(path): \"\(key)\" numbers its entries \(indices.map(String.init).joined(separator: ", ")); "
        + "number them 0, 1, 2 and so on."
    case .noForeground(let path):
      "\(path): \"labels\" names no class besides the background; add the classes to segment."
    case .label(let path, let error):
      "\(path): \(error)"
    case .noTrainingCases(let path):
      "\(path): \"training\" lists no usable case; list pairs of \"image\" and \"label\"."
    case .outsideFolder(let path, let entry):
      "\(path): the entry \"\(entry)\" leads out of the data set's folder; use a path relative to it."
    }
  }
}
