/// Channels and classes of a layout that need not name them: what the user says of them, else what the files hold.
struct UndescribedData {
  let channelNames: [String]
  let labels: LabelScheme
  let remarks: [DatasetProblem]

  /// - Parameters:
  ///   - scan: the first that trains.
  ///   - labelled: the cases whose masks tell the classes.
  ///   - channelNames: by the layout; nil for as many as the scan has.
  ///   - path: of the folder or the list; errors name it.
  /// - Throws: `DatasetError`; see `LabelScheme.init(named:orFoundIn:_:)`.
  init(
    scan: Case, labelled: [Case], channelNames: [String]?, _ options: DatasetReadingOptions, _ path: String
  ) throws(DatasetError) {
    labels = try LabelScheme(named: options.classNames, orFoundIn: labelled, path)
    self.channelNames = channelNames ?? Self.channelNames(of: scan)
    var remarks: [DatasetProblem] = []
    if channelNames == nil, self.channelNames.count > 1 {
      let finding = ListFinding.unnamedChannels(count: self.channelNames.count)
      remarks.append(DatasetProblem(path: scan.imagePath, finding: .list(finding)))
    }
    if let names = options.classNames, !Self.isBackground(names[0]) {
      remarks.append(DatasetProblem(path: path, finding: .list(.unlikelyBackground(names: names))))
    }
    self.remarks = remarks
  }

  private static func channelNames(of scan: Case) -> [String] {
    let count = (try? ImageHeader(contentsOf: scan.imagePath))?.channelCount ?? 1
    return count == 1 ? ["image"] : (1...count).map { "channel \($0)" }
  }

  private static func isBackground(_ name: String) -> Bool {
    let words = [
      "bg", "none", "nothing", "other", "others", "rest", "outside", "air", "void", "empty", "unlabelled",
      "unlabeled", "0",
    ]
    let name = name.lowercased()
    return name.contains("back") || words.contains(name)
  }
}
