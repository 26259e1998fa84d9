import Foundation

/// The DICOM series of a folder and of those below it.
public struct DICOMFolder: Sendable {
  public let path: String
  /// By number, then UID.
  public let series: [DICOMSeries]
  /// DICOM files without an image, such as reports and the directory of a disc.
  public let otherCount: Int

  /// - Parameter path: a folder, or one file, which stands for its series among the files beside it.
  /// - Returns: nil where no file is DICOM.
  public init?(at path: String) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
    guard !isFolder.boolValue else {
      self.init(path, Self.paths(below: path))
      return
    }
    guard let file = DICOMFile(path: path), let uid = file.text(.seriesInstance) else { return nil }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    self.init(path, names.map { folder + "/" + $0 }) { $0 == uid }
  }

  private init?(_ path: String, _ paths: [String], where isWanted: (String) -> Bool = { _ in true }) {
    let files = paths.sorted().compactMap { DICOMFile(path: $0) }
    guard !files.isEmpty else { return nil }
    let images = files.filter { $0.holdsImage && $0.text(.seriesInstance) != nil }
    let bySeries = Dictionary(grouping: images) { $0.text(.seriesInstance) ?? "" }
    self.path = path
    otherCount = files.count - images.count
    series = Self.named(bySeries.filter { isWanted($0.key) }.map { DICOMSeries(uid: $0.key, $0.value) })
  }

  /// Whether a file is DICOM.
  public static func isDICOM(_ path: String) -> Bool {
    guard let start = try? ImageFile(path: path, as: .plain).start(count: 132) else { return false }
    return DICOMFile.recognises(start)
  }

  /// The files of a folder that `seemsDICOM` looks at.
  private static let lookedAtCount = 100

  /// Whether one of the first files in a folder and below it is DICOM: a look, where reading all may take long.
  static func seemsDICOM(_ folder: String) -> Bool {
    let names = FileManager.default.enumerator(atPath: folder)?.lazy.compactMap { $0 as? String }
    return names?.prefix(lookedAtCount).contains { isDICOM(folder + "/" + $0) } ?? false
  }

  /// The files in a folder and below it; names that begin with "." are left out.
  private static func paths(below folder: String) -> [String] {
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return names.filter { name in !name.split(separator: "/").contains { $0.hasPrefix(".") } }
      .map { folder + "/" + $0 }
  }

  /// The series in their order; of those with one name the second and later get a number.
  private static func named(_ all: [DICOMSeries]) -> [DICOMSeries] {
    var seen: [String: Int] = [:]
    return all.sorted { ($0.number ?? .max, $0.uid) < ($1.number ?? .max, $1.uid) }.map { series in
      var series = series
      let count = seen[series.name, default: 0] + 1
      seen[series.name] = count
      if count > 1 { series.name += "-\(count)" }
      return series
    }
  }

  /// What was found: "2 series found: 3_T1 (MR, 176 files), 1_scout (MR, 3 files, localiser)".
  public var summary: String {
    let others = otherCount == 0 ? "" : "; \(otherCount) DICOM files hold no image"
    return "\(path): \(series.count) series found: \(series.map(\.summary).joined(separator: ", "))\(others)"
  }

  /// The series that are meant.
  ///
  /// - Parameter words: names, numbers or UIDs; empty for all series but derived ones and localisers.
  /// - Throws: `DICOMError` where there is no such series.
  public func series(meantBy words: [String]) throws(DICOMError) -> [DICOMSeries] {
    if let word = words.first(where: { word in !series.contains { $0.isMeant(by: word) } }) {
      throw .noSuchSeries(word: word, found: summary)
    }
    let chosen = series.filter { entry in
      words.isEmpty ? entry.kind == .original : words.contains(where: entry.isMeant)
    }
    guard !chosen.isEmpty else {
      throw series.isEmpty ? .noImages(path: path) : .onlyDerived(found: summary)
    }
    return chosen
  }
}
