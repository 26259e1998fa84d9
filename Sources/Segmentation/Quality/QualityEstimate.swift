import DurableFiles
import Foundation
import MedicalImaging

/// What is estimated of the quality of one scan's mask, where no truth is known.
public struct QualityEstimate: Codable, Equatable, Sendable {
  public let classNames: [String]
  /// Mean Dice of the masks that are compared, from 0 to 1; nil for a class that none has.
  public let agreement: [Double?]
  /// By the calibration; nil where it has no line.
  public let dice: [Double?]
  /// Over the classes with one.
  public let meanDice: Double?
  /// Whether somebody should look at the mask: its mean is low, or no class was found at all; nil without a calibration.
  public let needsLook: Bool?

  init(classNames: [String], agreement: [Double?], dice: [Double?], lookBelow: Double?) {
    (self.classNames, self.agreement, self.dice) = (classNames, agreement, dice)
    let meanDice = mean(dice.compactMap { $0 })
    self.meanDice = meanDice
    needsLook = lookBelow.map { limit in meanDice.map { $0 < limit } ?? true }
  }

  /// An estimate without a calibration: how far masks agree, and no more.
  public init(uncalibrated agreement: [Double?], _ classNames: [String]) {
    self.init(
      classNames: classNames, agreement: agreement, dice: classNames.map { _ in nil }, lookBelow: nil)
  }

  /// In a few words.
  public var summary: String { Self.summary(meanDice, needsLook) }

  fileprivate static func summary(_ meanDice: Double?, _ needsLook: Bool?) -> String {
    guard let meanDice else { return "no estimate of Dice" }
    return String(format: "estimated Dice %.2f", meanDice) + (needsLook == true ? ", look at it" : "")
  }
}

/// The estimates of predicted scans as a table for spreadsheets: a line for each class of each scan, also of those of earlier runs.
public struct QualityTable: Equatable, Sendable {
  private static let columns = [
    "case", "class", "agreement", "estimated_dice", "mean_estimated_dice", "look_at",
  ]

  /// The fields of each line, in the order of the columns, as they are read.
  private var rows: [[String]] = []

  public init() {}

  /// The table in a file.
  ///
  /// - Returns: nil where there is none, or something else.
  public init?(contentsOf path: String) {
    guard let bytes = FileManager.default.contents(atPath: path), let table = try? CSVTable([UInt8](bytes)),
      table.rows.first?.fields == Self.columns,
      table.rows.allSatisfy({ $0.fields.count == Self.columns.count })
    else { return nil }
    rows = table.rows.dropFirst().map(\.fields)
  }

  /// Adds a scan's estimate.
  public mutating func add(_ name: String, _ estimate: QualityEstimate) {
    func text(_ value: Double?) -> String { value.map { String(format: "%.4f", $0) } ?? "" }
    for index in estimate.classNames.indices {
      rows.append([
        name.csvText, estimate.classNames[index].csvText, text(estimate.agreement[index]),
        text(estimate.dice[index]),
        text(estimate.meanDice), estimate.needsLook.map { "\($0)" } ?? "",
      ])
    }
  }

  /// Removes a scan, whose mask is not the one that was estimated any more.
  public mutating func remove(_ name: String) { rows.removeAll { $0[0] == name.csvText } }

  /// What is estimated of a scan's mask, in a few words; nil where nothing is.
  public func summary(of name: String) -> String? {
    rows.first { $0[0] == name.csvText }.map { QualityEstimate.summary(Double($0[4]), Bool($0[5])) }
  }

  /// Source: RFC 4180, with the header line.
  public var csv: String {
    ([Self.columns] + rows).map { $0.map(\.csvQuoted).joined(separator: ",") + "\r\n" }.joined()
  }

  public func write(to path: String) throws { try AtomicFile.write(csv, to: path) }
}
