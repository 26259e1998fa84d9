import Foundation

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
  public var summary: String {
    guard let meanDice else { return "no estimate of Dice" }
    return String(format: "estimated Dice %.2f", meanDice) + (needsLook == true ? ", look at it" : "")
  }
}

/// The estimates of a prediction's scans as a table for spreadsheets: a line for each class of each scan.
public struct QualityTable {
  private var lines = ["case,class,agreement,estimated_dice,mean_estimated_dice,look_at"]

  public init() {}

  public mutating func add(_ name: String, _ estimate: QualityEstimate) {
    func text(_ value: Double?) -> String { value.map { String(format: "%.4f", $0) } ?? "" }
    for index in estimate.classNames.indices {
      let cells = [
        name.csvField, estimate.classNames[index].csvField, text(estimate.agreement[index]),
        text(estimate.dice[index]), text(estimate.meanDice), estimate.needsLook.map { "\($0)" } ?? "",
      ]
      lines.append(cells.joined(separator: ","))
    }
  }

  /// Source: RFC 4180, with the header line.
  public var csv: String { lines.joined(separator: "\r\n") + "\r\n" }
}
