/// What the grids of a model's training scans are like, kept with it: a scan that is unlike them is told.
public struct GridFacts: Codable, Equatable, Sendable {
  /// How many scans are stored in each order, by its name, such as "RAS".
  public var orders: [String: Int]
  /// How many scans tell no orientation.
  public var unorientedCount: Int
  /// The least and the largest in mm along each axis, in the order in which the model sees scans; empty without scans.
  public var spacing: [ClosedRange<Double>]

  /// The factor beyond the training scans' range from which a spacing is unlike theirs.
  private static let spacingFactor = 2.0

  /// The orders with their counts, the most frequent first: "RAS 230, LAS 4".
  public var orderList: String { Self.list(orders) }

  /// How a model sees scans, in a line.
  public func summary(seen orientation: OrientationChoice) -> String {
    switch orientation {
    case .canonical: "scans are seen in RAS order; those of the training are stored \(orderList)"
    case .stored: "scans are seen as they are stored; those of the training are \(orderList)"
    }
  }

  static func list(_ orders: [String: Int]) -> String {
    let sorted = orders.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return sorted.isEmpty ? "none" : sorted.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }

  /// What about a scan is unlike these, a clause each.
  ///
  /// - Parameters:
  ///   - scan: the grid to compare.
  ///   - orientation: how the model sees scans. An order that training did not have matters to one that takes them as
  ///     they are stored; a file without orientation to one that brings them to an order, where training had one.
  public func differences(of scan: ImageHeader, seen orientation: OrientationChoice) -> [String] {
    var differences: [String] = []
    let own = scan.grid.rearranged(by: orientation.rearrangement(of: scan.geometry)).geometry.spacing
    let isUnlike = zip(own, spacing).contains {
      $0 > $1.upperBound * Self.spacingFactor || $0 < $1.lowerBound / Self.spacingFactor
    }
    if isUnlike {
      differences.append(
        "its spacing \(rounded(own)) mm is unlike the training scans', from \(rounded(spacing.map(\.lowerBound))) to "
          + "\(rounded(spacing.map(\.upperBound)))")
    }
    switch orientation {
    case .stored where !orders.isEmpty && orders[scan.geometry.orientation] == nil:
      differences.append(
        "it is stored in the order \(scan.geometry.orientation), unlike the training scans (\(orderList)), and the model "
          + "takes scans as they are stored")
    case .canonical where !scan.tellsOrientation && unorientedCount == 0 && !orders.isEmpty:
      differences.append(
        "it tells no orientation, unlike the training scans, and is taken for \(scan.geometry.orientation)")
    case .stored, .canonical: break
    }
    return differences
  }
}
