import MedicalImaging

/// The models of a cross-validation, as far as they are trained.
public struct CrossValidation {
  private let folder: ModelFolder
  private let records: [ModelRecord]

  /// - Parameters:
  ///   - folder: that holds the folds.
  ///   - records: of the models below the folder.
  /// - Throws: `SegmentationError.foldsDiffer` where the models are not parts of one division of the cases.
  public init(_ folder: ModelFolder, _ records: [ModelRecord]) throws {
    self.folder = folder
    self.records = records
    let divisions = Set(
      records.map {
        Division(
          foldCount: $0.options.fold?.count, seed: $0.options.splitSeed, splits: $0.options.splits,
          subjectPattern: $0.options.subjectPattern)
      })
    guard divisions.count <= 1, divisions.first?.foldCount != nil else {
      throw SegmentationError.foldsDiffer(folder: folder.path)
    }
  }

  /// How cases were divided.
  private struct Division: Hashable {
    let foldCount: Int?
    let seed: UInt64
    let splits: Splits?
    let subjectPattern: String?
  }

  /// One sentence for each fold that is missing or not trained to its end.
  public var gaps: [String] {
    let folds = records.compactMap(\.options.fold)
    let missing = (0..<(folds.first?.count ?? 0)).filter { index in !folds.contains { $0.index == index } }
    let missingGaps = missing.map {
      "\(folder.fold($0).path): this fold is not trained; its cases are left out."
    }
    let unfinished = records.filter { $0.epoch < $0.options.epochs }
    return missingGaps
      + unfinished.map {
        "\(folder.fold($0.options.fold!.index).path): this fold is trained for \($0.epoch) of \($0.options.epochs) epochs."
      }
  }
}
