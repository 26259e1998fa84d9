import DurableFiles
import Foundation
import MedicalImaging

/// What the agreement of a scan's masks says of its Dice: a straight line for each class, fitted to cases whose truth is known
/// and which the model did not train on. Kept beside the models.
///
///     Dice = intercept + slope * agreement, kept between 0 and 1
public struct QualityCalibration: Codable, Equatable, Sendable {
  /// The line of one class.
  public struct Line: Codable, Equatable, Sendable {
    public var className: String
    public var slope: Double
    public var intercept: Double
    /// Pearson's, of agreement and Dice.
    public var correlation: Double
    public var caseCount: Int
  }

  public var source: QualitySource
  /// Of the classes that at least three cases have, and whose Dice rises with the agreement.
  public var lines: [Line]
  /// Pearson's correlation of estimated and true mean Dice over the cases.
  public var meanCorrelation: Double?
  /// A case with a lower estimated mean Dice is one to look at: as the lowest tenth of the cases here.
  public var lookBelow: Double?

  enum CodingKeys: String, CodingKey {
    case source, lines
    case meanCorrelation = "mean_correlation"
    case lookBelow = "look_below"
  }

  /// Fits the lines.
  ///
  /// - Parameters:
  ///   - evaluation: of masks as they will be, of cases that the models did not train on.
  ///   - agreements: by the cases' names, for each class.
  public init(_ evaluation: Evaluation, _ agreements: [String: [Double?]], by source: QualitySource) {
    self.source = source
    lines = evaluation.classNames.indices.compactMap { index in
      let points = evaluation.cases.compactMap { entry -> (Double, Double)? in
        guard let agreement = agreements[entry.caseName]?[index],
          let dice = entry.classes[index].metrics.dice.value
        else { return nil }
        return (agreement, dice)
      }
      // Where masks that agree more are worse, nothing is to be learnt from agreement.
      guard points.count >= 3, let fit = LeastSquares(points), fit.slope > 0 else { return nil }
      return Line(
        className: evaluation.classNames[index], slope: fit.slope, intercept: fit.intercept,
        correlation: fit.correlation, caseCount: points.count)
    }
    let estimates = evaluation.cases.compactMap { entry -> (Double, Double)? in
      guard let agreement = agreements[entry.caseName], let dice = entry.meanDice,
        let estimate = estimate(agreement, evaluation.classNames).meanDice
      else { return nil }
      return (estimate, dice)
    }
    meanCorrelation = LeastSquares(estimates)?.correlation
    lookBelow = estimates.isEmpty ? nil : percentile(10, ofSorted: estimates.map(\.0).sorted())
  }

  /// What is estimated of a scan.
  public func estimate(_ agreement: [Double?], _ classNames: [String]) -> QualityEstimate {
    let dice = zip(classNames, agreement).map { name, agreement -> Double? in
      guard let agreement, let line = lines.first(where: { $0.className == name }) else { return nil }
      return min(max(line.intercept + line.slope * agreement, 0), 1)
    }
    return QualityEstimate(classNames: classNames, agreement: agreement, dice: dice, lookBelow: lookBelow)
  }

  /// One line for a user.
  public var summary: String {
    let classes = lines.map { String(format: "\($0.className) %.2f", $0.correlation) }
    let mean = meanCorrelation.map { String(format: ", of the mean %.2f", $0) } ?? ""
    return lines.isEmpty
      ? "in no class does Dice rise with the agreement of masks, over three cases at least, and nothing is estimated"
      : "correlation of estimated and true Dice: \(classes.joined(separator: ", "))\(mean)"
  }
}

extension QualityCalibration {
  /// Reads the calibration of a folder's models, of a fold that of its cross-validation; nil where there is none.
  ///
  /// - Throws: `SegmentationError.damagedModel` for a file that does not parse.
  public static func read(of folder: ModelFolder) throws -> QualityCalibration? {
    guard !folder.isFile else { return nil }
    let paths = [folder.qualityPath] + (folder.crossValidation.map { [$0.qualityPath] } ?? [])
    for path in paths {
      guard let data = FileManager.default.contents(atPath: path) else { continue }
      do {
        return try JSONDecoder().decode(QualityCalibration.self, from: data)
      } catch {
        throw SegmentationError.damagedModel(
          path: path, reason: "it does not parse as a calibration of quality")
      }
    }
    return nil
  }

  /// Keeps the calibration beside the models of a folder.
  public func write(to folder: ModelFolder) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try AtomicFile.write(
      String(decoding: try encoder.encode(self), as: UTF8.self) + "\n", to: folder.qualityPath)
  }
}

/// A straight line through points, by least squares.
struct LeastSquares {
  let slope: Double
  let intercept: Double
  /// Pearson's.
  let correlation: Double

  /// - Returns: nil where no line is best, or all points are as high.
  init?(_ points: [(x: Double, y: Double)]) {
    let count = Double(points.count)
    let (meanX, meanY) = (points.reduce(0) { $0 + $1.x } / count, points.reduce(0) { $0 + $1.y } / count)
    let xx = points.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
    let yy = points.reduce(0) { $0 + ($1.y - meanY) * ($1.y - meanY) }
    let xy = points.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) }
    guard points.count > 1, xx > 0, yy > 0 else { return nil }
    slope = xy / xx
    intercept = meanY - slope * meanX
    correlation = xy / (xx * yy).squareRoot()
  }
}
