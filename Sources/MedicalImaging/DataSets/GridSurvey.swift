import Foundation
import PlainText

/// The grids of some scans: what only many of them tell.
public struct GridSurvey: Sendable {
  struct Scan {
    let path: String
    let grid: Grid
    let tellsOrientation: Bool
    var order: String { grid.geometry.orientation }
  }

  private(set) var scans: [Scan] = []
  /// How many masks are stored in another order of the axes than their scans.
  private(set) var reorderedMaskCount = 0

  public init() {}

  public mutating func add(_ header: ImageHeader) {
    scans.append(
      Scan(path: header.provenance.path, grid: header.grid, tellsOrientation: header.tellsOrientation))
  }

  mutating func addReorderedMask() { reorderedMaskCount += 1 }

  /// What a model's training scans are like, seen in an order.
  public func facts(_ orientation: OrientationChoice) -> GridFacts {
    let spacings = scans.map {
      $0.grid.rearranged(by: orientation.rearrangement(of: $0.grid.geometry)).geometry.spacing
    }
    return GridFacts(
      orders: Self.orders(of: scans), unorientedCount: unoriented.count,
      spacing: (0..<3).compactMap { axis in
        let values = spacings.map { $0[axis] }
        guard let least = values.min(), let largest = values.max() else { return nil }
        return least...largest
      })
  }

  private static func orders(of scans: [Scan]) -> [String: Int] {
    Dictionary(grouping: scans, by: \.order).mapValues(\.count)
  }

  private var unoriented: [Scan] { scans.filter { !$0.tellsOrientation } }

  // MARK: For a user

  /// The orders of the axes and what is odd about them, a line each.
  public var lines: [String] {
    var lines = ["orders       \(GridFacts.list(Self.orders(of: scans)))"]
    let oblique = scans.filter { $0.grid.geometry.obliqueness > Self.obliqueFrom }
    if let most = oblique.max(by: { $0.grid.geometry.obliqueness < $1.grid.geometry.obliqueness }) {
      let angle = String(format: "%.1f", most.grid.geometry.obliqueness)
      lines.append(
        "oblique      \(oblique.count) of \(scans.count) scans, up to \(angle) degrees (\(most.path)); "
          + "each counts as the order nearest to it")
    }
    if !unoriented.isEmpty {
      lines.append(
        "unoriented   \(unoriented.count) of \(scans.count) scans tell no orientation, and count as "
          + GridFacts.list(Self.orders(of: unoriented)))
    }
    if reorderedMaskCount > 0 {
      lines.append(
        "reordered    \(counted(reorderedMaskCount, "mask is", "masks are")) stored in another "
          + "order than the scan, and brought to it")
    }
    return lines
  }

  /// Degrees from which a grid is called oblique: rounding stays below.
  private static let obliqueFrom = 0.1

  // MARK: Outliers

  /// The factor from the median beyond which a scan is told.
  private static let outlierFactor = 3.0
  /// The scans from which on there are others to compare one with.
  private static let leastScanCount = 3

  /// The scans whose spacing, or extent in mm, is more than three times the median of all or less than a third of it, along
  /// right, front and up.
  func outliers() -> [DatasetProblem] {
    guard scans.count >= Self.leastScanCount else { return [] }
    let grids = scans.map {
      $0.grid.rearranged(by: OrientationChoice.canonical.rearrangement(of: $0.grid.geometry))
    }
    let spacings = grids.map(\.geometry.spacing)
    let lengths = grids.map { grid in
      (0..<3).map { Double(grid.size.extents[$0]) * grid.geometry.spacing[$0] }
    }
    return far(spacings) { .farSpacing($0, median: $1) } + far(lengths) { .farExtent($0, median: $1) }
  }

  private func far(
    _ figures: [[Double]], _ finding: ([Double], [Double]) -> DatasetProblem.Finding
  ) -> [DatasetProblem] {
    let medians = (0..<3).map { axis in percentile(50, ofSorted: figures.map { $0[axis] }.sorted()) }
    return zip(scans, figures).compactMap { scan, own in
      let isFar = zip(own, medians).contains {
        $0 > $1 * Self.outlierFactor || $0 < $1 / Self.outlierFactor
      }
      return isFar ? DatasetProblem(path: scan.path, finding: finding(own, medians)) : nil
    }
  }
}
