import PlainText

/// The files of one DICOM series.
public struct DICOMSeries: Equatable, Sendable {
  /// What a series is good for.
  public enum Kind: String, Sendable {
    case original
    /// Computed from other images, such as a reformatted or a projected one (the first value of Image Type).
    case derived
    /// Slices in several directions, to plan others by.
    case localizer = "localiser"
  }

  /// The Series Instance UID.
  public let uid: String
  public let number: Int?
  public let description: String
  /// "MR", "CT", ...
  public let modality: String
  public let kind: Kind
  /// Ascending.
  public let paths: [String]
  /// Unique in a folder, from the series' number and description alone: masks are named by it, and it says nothing of the
  /// patient.
  public internal(set) var name: String

  /// - Precondition: at least one file.
  init(uid: String, _ files: [DICOMFile]) {
    let first = files[0]
    self.uid = uid
    number = first.text(.seriesNumber).flatMap { Int($0) }
    description = first.text(.seriesDescription) ?? ""
    modality = first.text(.modality) ?? ""
    kind = Self.kind(of: files)
    paths = files.map(\.path).sorted()
    name = Self.name(number, description)
  }

  private static func kind(of files: [DICOMFile]) -> Kind {
    let types = files.map { $0.values(.imageType) }
    let directions = files.compactMap(\.direction)
    let differs = directions.contains { direction in
      zip(direction, directions[0]).contains { abs($0 - $1) > 0.1 }
    }
    if differs || types.contains(where: { $0.contains("LOCALIZER") }) { return .localizer }
    return types.contains { $0.first == "DERIVED" } ? .derived : .original
  }

  private static func name(_ number: Int?, _ description: String) -> String {
    let parts = [number.map(String.init) ?? "series", fileName(description)]
    return parts.filter { !$0.isEmpty }.joined(separator: "_")
  }

  /// Text as part of a file's name: letters and digits of ASCII and "-", others as one "_".
  private static func fileName(_ text: String) -> String {
    let words = text.split { !($0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "-") }
    return String(words.joined(separator: "_").prefix(64))
  }

  /// In a few words: "3_T1 (MR, 176 files)".
  public var summary: String {
    let facts =
      [modality, counted(paths.count, "file")]
      + (kind == .original ? [] : [kind.rawValue])
    return "\(name) (\(facts.filter { !$0.isEmpty }.joined(separator: ", ")))"
  }

  /// Whether a user's word means the series: its name, its number or its UID.
  public func isMeant(by word: String) -> Bool {
    word == name || word == uid || number.map(String.init) == word
  }
}

extension DICOMFile {
  /// The directions of rows and columns; nil where the file states none.
  fileprivate var direction: [Double]? {
    let numbers = values(.orientation).compactMap { Double($0) }
    return numbers.count == 6 ? numbers : nil
  }
}
