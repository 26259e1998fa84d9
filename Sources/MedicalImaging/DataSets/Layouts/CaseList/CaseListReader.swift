import Foundation

/// A table that lists the cases, in CSV or JSON.
enum CaseListReader: DatasetReader {
  static let form = LayoutForm(
    name: "list of cases", mark: "a list of cases dataset.csv",
    contents: """
      A table in CSV, or in JSON as a list of objects, with the columns image (or
      image_T1, image_FLAIR ... for channels in files of their own), label, and
      where wanted subject (kept together), fold (0, 1, ...; used with --folds)
      and split (train, val, test). Paths are absolute or relative to the list.
      Classes are the values in the masks, or are named: --classes
      background,liver,tumour. --data-list FILE, or a folder with dataset.csv.
      """, example: "vnet train --data-list cases.csv --model-dir model")

  static func recognises(_ folder: String) -> Bool {
    FileManager.default.fileExists(atPath: folder + "/dataset.csv")
  }

  static func read(_ folder: String, _ options: DatasetReadingOptions) throws(DatasetError) -> Dataset {
    try read(list: folder + "/dataset.csv", options)
  }

  /// - Throws: `DatasetError`, also where no case has a mask.
  static func read(list path: String, _ options: DatasetReadingOptions) throws(DatasetError) -> Dataset {
    try options.requireNothingOutside(path)
    let list = try CaseList(contentsOf: path)
    let training = list.cases.filter { $0.entry.labelPath != nil && $0.part != .test }
    guard let first = training.first?.entry else { throw .noTrainingCases(path: path, .noneListed) }
    let test = list.cases.filter { $0.entry.labelPath == nil || $0.part == .test }
    let labelled = list.cases.map(\.entry).filter { $0.labelPath != nil }
    let data = try UndescribedData(
      scan: first, labelled: labelled, channelNames: list.channelNames, options, path)
    return Dataset(
      name: URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent, descriptionPath: path,
      layout: .caseList, labels: data.labels, namesClasses: options.classNames != nil,
      channelNames: data.channelNames, training: training.map(\.entry), test: test.map(\.entry),
      skippedCount: list.skippedCount, remarks: data.remarks + remarks(list, path),
      listedSplit: split(training, path), listedFolds: try folds(training, path)
    )
  }

  private static func remarks(_ list: CaseList, _ path: String) -> [DatasetProblem] {
    guard !list.unusedColumns.isEmpty else { return [] }
    return [DatasetProblem(path: path, finding: .list(.unusedColumns(list.unusedColumns)))]
  }

  /// The division that the column "split" makes; nil without one.
  private static func split(_ cases: [CaseList.ListedCase], _ path: String) -> Splits? {
    func names(_ part: CaseList.Part) -> [String] {
      cases.filter { $0.part == part }.map(\.entry.name)
    }
    let part = Splits.Part(training: names(.training), validation: names(.validation))
    guard !part.training.isEmpty || !part.validation.isEmpty else { return nil }
    return Splits(origin: "column \"split\" of \(path)", parts: [part])
  }

  /// The folds that the column "fold" makes; nil without one.
  ///
  /// - Throws: `DatasetError.splits` for folds that are not numbered 0, 1, 2 ...
  private static func folds(_ cases: [CaseList.ListedCase], _ path: String) throws(DatasetError) -> Splits? {
    let numbers = Set(cases.compactMap(\.fold)).sorted()
    guard !numbers.isEmpty else { return nil }
    guard numbers == Array(0..<numbers.count), numbers.count > 1 else {
      let found = numbers.map(String.init).joined(separator: ", ")
      throw .splits(
        path: path,
        .invalid(reason: "\"fold\" has the numbers \(found), and at least 0 and 1 without gaps are needed"))
    }
    let parts = numbers.map { number in
      Splits.Part(
        training: cases.filter { $0.fold != nil && $0.fold != number }.map(\.entry.name),
        validation: cases.filter { $0.fold == number }.map(\.entry.name))
    }
    return Splits(origin: "column \"fold\" of \(path)", parts: parts)
  }
}

extension Case {
  /// The cases that a list in CSV or JSON has, in its order, with masks or without.
  ///
  /// - Throws: `DatasetError`.
  public static func listed(in path: String) throws(DatasetError) -> [Case] {
    try CaseList(contentsOf: path).cases.map(\.entry)
  }
}
