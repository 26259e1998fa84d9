import Foundation

/// What was measured, when and on what terms: every output names it.
public struct EvaluationTerms: Equatable, Sendable {
  /// Where the masks come from.
  public enum Masks: Equatable, Sendable {
    /// The folder of the model or of the cross-validation; empty where it is not to be named. Of a cross-validation the classes
    /// of which only the largest component stays: in predictions of new scans, and in the masks that were measured, by the
    /// names of the folds' folders.
    case model(
      String, checkpoint: CheckpointChoice, testTimeAugmentation: Bool, keepLargest: [String] = [],
      keepLargestByFold: [String: [String]] = [:])
    /// A folder of masks by any program.
    case folder(String)
  }

  /// The name of the data set of the truth.
  public var dataset: String
  /// Which cases: a `SplitChoice`, or "out-of-fold".
  public var split: String
  public var masks: Masks
  /// Of the program that measured.
  public var version: String
  public var date: Date

  public init(
    dataset: String, split: String, masks: Masks, version: String = ProgramVersion.current,
    date: Date = Date()
  ) {
    self.dataset = dataset
    self.split = split
    self.masks = masks
    self.version = version
    self.date = date
  }

  /// The date and time in UTC, such as "2026-01-31T12:00:00Z" (ISO 8601).
  public var dateText: String { ISO8601DateFormatter().string(from: date) }

  /// The checkpoint of the model; nil for masks by any program.
  public var checkpoint: CheckpointChoice? {
    switch masks {
    case .model(_, let checkpoint, _, _, _): checkpoint
    case .folder: nil
    }
  }

  /// Each with its name, for a report.
  var settings: [ReportContents.Setting] {
    var settings = [ReportContents.Setting(name: "Data set", value: dataset)]
    switch masks {
    case .model(let path, let checkpoint, let testTimeAugmentation, let keepLargest, let byFold):
      if !path.isEmpty { settings.append(.init(name: "Model", value: path)) }
      settings.append(.init(name: "Checkpoint", value: checkpoint.rawValue))
      if testTimeAugmentation { settings.append(.init(name: "Test-time augmentation", value: "yes")) }
      if !keepLargest.isEmpty {
        settings.append(
          .init(name: "Only the largest component of", value: keepLargest.joined(separator: ", ")))
      }
      if !byFold.isEmpty {
        settings.append(.init(name: "In the figures, chosen by the other folds", value: byFold.nestedChoice))
      }
    case .folder(let path):
      settings.append(.init(name: "Masks", value: path))
    }
    return settings + [
      .init(name: "Split", value: split), .init(name: "Version of vnet", value: version),
      .init(name: "Date", value: dateText),
    ]
  }
}

extension EvaluationTerms: Encodable {
  enum CodingKeys: String, CodingKey {
    case dataset = "data_set"
    case split
    case model
    case masks
    case checkpoint
    case testTimeAugmentation = "test_time_augmentation"
    case keepLargest = "keep_largest"
    case keepLargestByFold = "keep_largest_by_fold"
    case version
    case date
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(dataset, forKey: .dataset)
    try container.encode(split, forKey: .split)
    switch masks {
    case .model(let path, let checkpoint, let testTimeAugmentation, let keepLargest, let byFold):
      try container.encode(path, forKey: .model)
      try container.encode(checkpoint, forKey: .checkpoint)
      try container.encode(testTimeAugmentation, forKey: .testTimeAugmentation)
      try container.encode(keepLargest, forKey: .keepLargest)
      if !byFold.isEmpty { try container.encode(byFold, forKey: .keepLargestByFold) }
    case .folder(let path):
      try container.encode(path, forKey: .masks)
    }
    try container.encode(version, forKey: .version)
    try container.encode(dateText, forKey: .date)
  }
}

extension [String: [String]] {
  /// The classes of each fold by name: "fold-0: Anterior; fold-1: no class", or once for all where they are the same.
  package var nestedChoice: String {
    func text(_ classes: [String]) -> String {
      classes.isEmpty ? "no class" : classes.joined(separator: ", ")
    }
    if count > 1, let first = values.first, values.allSatisfy({ $0 == first }) {
      return "in every fold: \(text(first))"
    }
    return sorted { $0.key.localizedStandardCompare($1.key) == .orderedAscending }
      .map { "\($0): \(text($1))" }.joined(separator: "; ")
  }
}
