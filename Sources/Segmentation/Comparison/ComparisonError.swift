import PlainText

/// Why two evaluations cannot be compared. Each case is one clear sentence that names the file and the remedy.
public enum ComparisonError: Error, Equatable, CustomStringConvertible {
  case notFound(path: String)
  case isFolder(path: String)
  case cannotRead(path: String)
  case tooLarge(path: String, byteCount: Int)
  case notEvaluation(path: String)
  case noCases(path: String)
  case duplicateCase(path: String, name: String)
  /// - Parameter figure: its name in the file.
  case implausibleFigure(path: String, caseName: String, className: String, figure: String)
  /// A case has other classes than the file's first.
  case unevenClasses(path: String, caseName: String)
  case classesDiffer(path: String, found: [String], other: String, expected: [String])
  /// - Parameters:
  ///   - name: of a case of the first file.
  ///   - otherName: of a case of the second.
  case noCommonCases(first: String, name: String, second: String, otherName: String)

  public var description: String {
    switch self {
    case .notFound(let path):
      "\(path): there is no such file; give the evaluation.json of 'vnet evaluate' or 'vnet score'."
    case .isFolder(let path):
      "\(path): is a folder; give the evaluation.json in it."
    case .cannotRead(let path):
      "\(path): cannot be read; check its permissions."
    case .tooLarge(let path, let byteCount):
      "\(path): has \(byteCount) bytes, more than any evaluation; check that it is the right file."
    case .notEvaluation(let path):
      "\(path): does not parse as an evaluation; give the evaluation.json of 'vnet evaluate' or 'vnet score'."
    case .noCases(let path):
      "\(path): this evaluation has no case; evaluate again."
    case .duplicateCase(let path, let name):
      "\(path): has the case \(name) twice, and cases are paired by their names; "
        + "evaluate with a division in which each case validates once."
    case .implausibleFigure(let path, let caseName, let className, let figure):
      "\(path): \"\(figure)\" of \(className) in the case \(caseName) is a number that no evaluation gives; evaluate again."
    case .unevenClasses(let path, let caseName):
      "\(path): the case \(caseName) has other classes than the first; evaluate again."
    case .classesDiffer(let path, let found, let other, let expected):
      "\(path): the classes are \(found.joined(separator: ", ")) and those of \(other) are "
        + "\(expected.joined(separator: ", ")); give evaluations of the same classes."
    case .noCommonCases(let first, let name, let second, let otherName):
      "\(second): has no case of \(first) (the first are \(otherName) and \(name)); "
        + "give evaluations of the same cases, which are paired by their names."
    }
  }
}
